import { posix } from 'node:path'
import type { Payload } from '../../operation.ts'
import { join, quote, type Sh, sh } from '../../sh.ts'
import type { Work } from './plan.ts'
import { type Placed, TOP } from './source.ts'
import { STAGE } from './state.ts'
import { type Member, tar } from './tar.ts'

/**
 * What is done on the host, and what travels there: one archive with what differs, nothing else.
 */
export const workScript = (
  path: string,
  { folders, puts, inTheWay, rights, others }: Work,
): { apply: Sh; stdin?: Payload } => {
  const missing = folders[0]?.path === TOP.path
  const steps = [
    ...(missing
      ? [sh`( umask 022; mkdir -p ${posix.dirname(path)} ) && mkdir -m 700 ${path}`]
      : []),
    sh`cd -P ${path}`,
    ...(puts.length > 0 ? stage(path, puts) : []),
    ...parts(others).map(
      words =>
        sh`for f in ${words}; do if [ ! -h "$f" ] && [ -d "$f" ]; then rmdir "$f" || exit 1; else rm -f "$f" || exit 1; fi; done`,
    ),
    ...inParts(missing ? folders.slice(1) : folders, words => sh`mkdir -m 700 ${words}`),
    ...owned(folders),
    ...parts(inTheWay).map(words => sh`rm -f ${words}`),
    ...[...grouped(puts, item => posix.dirname(item.path))].flatMap(([folder, items]) =>
      inParts(items, words => sh`mv -f ${words} ${`./${folder}/`}`, STAGED),
    ),
    ...owned(rights),
  ]
  const apply = sh`${join(steps.map(step => sh`${step} || exit 1`))}`
  return puts.length > 0 ? { apply, stdin: tar([...puts.flatMap(member), whole]) } : { apply }
}

const STAGED = `${STAGE}/t`

/**
 * Everything that is new is there whole, with its rights, before the first of it is put in place.
 */
const stage = (path: string, puts: readonly Placed[]): Sh[] => [
  sh`command -v tar >/dev/null || { echo 'the host has no tar' >&2; exit 1; }; trap ${`rm -rf ${quote(`${path}/${STAGE}`)}`} 0; trap 'exit 143' HUP INT TERM; rm -rf ${STAGE}`,
  sh`mkdir -m 700 ${STAGE} && tar -x -f - -C ${STAGE}`,
  sh`[ -e ${STAGE}/whole ] || { echo 'the files did not arrive whole; nothing was put in place' >&2; exit 1; }`,
  ...owned(puts, STAGED),
  sh`{ sync -f ${STAGE} 2>/dev/null || sync; }`,
]

/** Gives each its owner, and then its mode: a new owner takes set-id bits away. */
const owned = (items: readonly Placed[], above = '.'): Sh[] => [
  ...[...grouped(items, ({ owner, group }) => `${owner}:${group}`)].flatMap(([who, some]) =>
    inParts(some, words => sh`chown -h ${who} ${words}`, above),
  ),
  ...[...grouped(items, ({ mode }) => mode)].flatMap(([mode, some]) =>
    mode === null ? [] : inParts(some, words => sh`chmod ${mode} ${words}`, above),
  ),
]

const member = (item: Placed): readonly Member[] => {
  const rest = { name: `t/${item.path}`, mtime: item.mtime }
  if (item.type === 'directory') return [] // it is made, not sent
  if (item.type === 'symlink') return [{ ...rest, mode: 0o777, target: item.target }]
  return [{ ...rest, mode: 0o600, content: item.content() }]
}

/** The last of the archive. */
const whole: Member = { name: 'whole', mode: 0o600, mtime: 0 }

const grouped = <K>(items: readonly Placed[], key: (item: Placed) => K): Map<K, Placed[]> => {
  const groups = new Map<K, Placed[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

const inParts = (
  items: readonly Placed[],
  command: (words: readonly string[]) => Sh,
  above = '.',
): Sh[] =>
  parts(
    items.map(item => item.path),
    above,
  ).map(command)

/** Words of one command: a host takes no longer lines than it can hold. */
const parts = (paths: readonly string[], above = '.'): string[][] => {
  const all: string[][] = []
  for (let at = 0; at < paths.length; at += 200)
    all.push(paths.slice(at, at + 200).map(path => `${above}/${path}`))
  return all
}
