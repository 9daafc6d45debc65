import { posix } from 'node:path'
import type { Payload } from '../../operation.ts'
import { join, quote, type Sh, sh } from '../../sh.ts'
import { type Modes, modeOf, TOP, type Work } from './plan.ts'
import type { Item } from './source.ts'
import { STAGE } from './state.ts'
import { type Member, tar } from './tar.ts'

/** What is done on the host, and what travels there: one archive with what differs, nothing else. */
export const workScript = (path: string, work: Work, modes: Modes): { apply: Sh; stdin?: Payload } => {
  const { folders, puts, inTheWay, rights, others } = work
  const [missing, below] = folders[0] === TOP ? [true, folders.slice(1)] : [false, folders]
  const who = `${modes.owner}:${modes.group}`
  const owned = (items: readonly Item[]) => [
    ...inParts(items, words => sh`chown -h ${who} ${words}`),
    ...[...new Set(items.map(item => modeOf(item, modes)))].flatMap(mode =>
      mode === null
        ? []
        : inParts(
            items.filter(item => modeOf(item, modes) === mode),
            words => sh`chmod ${mode} ${words}`,
          ),
    ),
  ]
  const steps = [
    ...(missing ? [sh`( umask 022; mkdir -p ${posix.dirname(path)} ) && mkdir -m 700 ${path}`] : []),
    sh`cd -P ${path}`,
    ...(puts.length > 0 ? stage(path, modes) : []),
    ...parts(others).map(
      words => sh`for f in ${words}; do if [ ! -h "$f" ] && [ -d "$f" ]; then rmdir "$f" || exit 1; else rm -f "$f" || exit 1; fi; done`,
    ),
    ...inParts(below, words => sh`mkdir -m 700 ${words}`),
    ...owned(missing ? [TOP, ...below] : below),
    ...parts(inTheWay).map(words => sh`rm -f ${words}`),
    ...byFolder(puts).flatMap(([folder, items]) => inParts(items, words => sh`mv -f ${words} ${`./${folder}/`}`, `${STAGE}/t`)),
    ...owned(rights),
  ]
  const apply = sh`${join(steps.map(step => sh`${step} || exit 1`))}`
  return puts.length > 0 ? { apply, stdin: tar([...puts.map(member), whole]) } : { apply }
}

/** Everything that is new is there whole, with its rights, before the first of it is put in place. */
const stage = (path: string, { owner, group, files, executables }: Modes): Sh[] => [
  sh`command -v tar >/dev/null || { echo 'the host has no tar' >&2; exit 1; }; trap ${`rm -rf ${quote(`${path}/${STAGE}`)}`} 0; trap 'exit 143' HUP INT TERM; rm -rf ${STAGE}`,
  sh`mkdir -m 700 ${STAGE} && tar -x -f - -C ${STAGE}`,
  sh`[ -e ${STAGE}/whole ] || { echo 'the files did not arrive whole; nothing was put in place' >&2; exit 1; }`,
  sh`chown -h -R ${`${owner}:${group}`} ${STAGE}/t`,
  sh`find ${STAGE}/t -type f -perm -100 -exec chmod ${executables} {} +`,
  sh`find ${STAGE}/t -type f ! -perm -100 -exec chmod ${files} {} +`,
  sh`{ sync -f ${STAGE} 2>/dev/null || sync; }`,
]

const member = (item: Item): Member => {
  const rest = { name: `t/${item.path}`, mtime: item.mtime }
  if (item.type === 'symlink') return { ...rest, mode: 0o777, target: item.target }
  if (item.type === 'file') return { ...rest, mode: item.executable ? 0o700 : 0o600, content: item.content() }
  throw new Error(`${item.path}: a folder is made, not sent`)
}

/** The last of the archive. */
const whole: Member = { name: 'whole', mode: 0o600, mtime: 0 }

const byFolder = (items: readonly Item[]): [string, Item[]][] => {
  const folders = new Map<string, Item[]>()
  for (const item of items) folders.set(posix.dirname(item.path), [...(folders.get(posix.dirname(item.path)) ?? []), item])
  return [...folders]
}

const inParts = (items: readonly Item[], command: (words: readonly string[]) => Sh, above = '.'): Sh[] =>
  parts(
    items.map(item => item.path),
    above,
  ).map(command)

/** Words of one command: a host takes no longer lines than it can hold. */
const parts = (paths: readonly string[], above = '.'): string[][] => {
  const all: string[][] = []
  for (let at = 0; at < paths.length; at += 200) all.push(paths.slice(at, at + 200).map(path => `${above}/${path}`))
  return all
}
