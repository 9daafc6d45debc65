import { posix } from 'node:path'
import type { Payload } from '../../operation.ts'
import { join, quote, type Sh, sh } from '../../sh.ts'
import type { Work } from './plan.ts'
import { type PlacedItem, TOP } from './source.ts'
import { STAGE } from './state.ts'
import { buildTar, type Member } from './tar.ts'

/**
 * The commands for the host, and the data that they need: one archive of the files that differ.
 */
export const renderWork = (
  path: string,
  { folders, puts, inTheWay, rights, others }: Work,
): { apply: Sh; stdin?: Payload } => {
  const missing = folders[0]?.path === TOP.path
  const steps = [
    ...(missing
      ? [sh`( umask 022; mkdir -p ${posix.dirname(path)} ) && mkdir -m 700 ${path}`]
      : []),
    sh`cd -P ${path}`,
    ...(puts.length > 0 ? stageFiles(path, puts) : []),
    ...splitPaths(others).map(
      words =>
        sh`for f in ${words}; do
  if [ ! -h "$f" ] && [ -d "$f" ]; then rmdir "$f" || exit 1; else rm -f "$f" || exit 1; fi
done`,
    ),
    ...splitCommand(missing ? folders.slice(1) : folders, words => sh`mkdir -m 700 ${words}`),
    ...setRights(folders),
    ...splitPaths(inTheWay).map(words => sh`rm -f ${words}`),
    ...[...groupItems(puts, item => posix.dirname(item.path))].flatMap(([folder, items]) =>
      splitCommand(items, words => sh`mv -f ${words} ${`./${folder}/`}`, STAGED),
    ),
    ...setRights(rights),
  ]
  const apply = sh`${join(steps.map(step => sh`${step} || exit 1`))}`
  return puts.length > 0
    ? { apply, stdin: buildTar([...puts.flatMap(makeMembers), whole]) }
    : { apply }
}

const STAGED = `${STAGE}/t`

/**
 * All new files are on the host, with their rights, before the first one is put in place.
 */
const stageFiles = (path: string, puts: readonly PlacedItem[]): Sh[] => [
  sh`command -v tar >/dev/null || { echo 'the host has no tar' >&2; exit 1; }
trap ${`rm -rf ${quote(`${path}/${STAGE}`)}`} 0; trap 'exit 143' HUP INT TERM; rm -rf ${STAGE}`,
  sh`mkdir -m 700 ${STAGE} && tar -x -f - -C ${STAGE}`,
  sh`[ -e ${STAGE}/whole ] ||
  { echo 'the files did not arrive whole; nothing was put in place' >&2; exit 1; }`,
  ...setRights(puts, STAGED),
  sh`{ sync -f ${STAGE} 2>/dev/null || sync; }`,
]

/** Gives each its owner, and then its mode: a new owner takes set-id bits away. */
const setRights = (items: readonly PlacedItem[], above = '.'): Sh[] => [
  ...[...groupItems(items, ({ owner, group }) => `${owner}:${group}`)].flatMap(([who, some]) =>
    splitCommand(some, words => sh`chown -h ${who} ${words}`, above),
  ),
  ...[...groupItems(items, ({ mode }) => mode)].flatMap(([mode, some]) =>
    mode === null ? [] : splitCommand(some, words => sh`chmod ${mode} ${words}`, above),
  ),
]

const makeMembers = (item: PlacedItem): readonly Member[] => {
  const rest = { name: `t/${item.path}`, mtime: item.mtime }
  if (item.type === 'directory') return [] // it is made, not sent
  if (item.type === 'symlink') return [{ ...rest, mode: 0o777, target: item.target }]
  return [{ ...rest, mode: 0o600, content: item.content() }]
}

/** The last member of the archive: it proves that all arrived. */
const whole: Member = { name: 'whole', mode: 0o600, mtime: 0 }

const groupItems = <K>(
  items: readonly PlacedItem[],
  key: (item: PlacedItem) => K,
): Map<K, PlacedItem[]> => {
  const groups = new Map<K, PlacedItem[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

const splitCommand = (
  items: readonly PlacedItem[],
  command: (words: readonly string[]) => Sh,
  above = '.',
): Sh[] =>
  splitPaths(
    items.map(item => item.path),
    above,
  ).map(command)

/** The words of each command: the length of a command line is limited. */
const splitPaths = (paths: readonly string[], above = '.'): string[][] => {
  const all: string[][] = []
  for (let at = 0; at < paths.length; at += 200)
    all.push(paths.slice(at, at + 200).map(path => `${above}/${path}`))
  return all
}
