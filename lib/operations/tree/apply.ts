import { posix } from 'node:path'
import type { Payload } from '../../operation.ts'
import { join, type Sh, sh } from '../../sh.ts'
import { exactMode } from '../file/entry.ts'
import { enterFolder } from '../file/folder.ts'
import type { Work } from './plan.ts'
import { type PlacedItem, TOP } from './source.ts'
import { STAGE } from './state.ts'
import { buildTar, type Member } from './tar.ts'

/**
 * The commands for the host, and the data that they need: one archive of the files that differ.
 *
 * Other users may change names in the tree meanwhile. So each folder is entered step by step, its
 * new files come from a private folder that is open as a descriptor, and its rights are set last.
 */
export const renderWork = (
  path: string,
  { folders, puts, inTheWay, rights, others }: Work,
): { apply: Sh; stdin?: Payload } => {
  const missing = folders[0]?.path === TOP.path
  const made = missing ? folders.slice(1) : folders
  const [ownFolders, ownFiles] = [
    rights.filter(item => item.type === 'directory'),
    rights.filter(item => item.type !== 'directory'),
  ]
  const present = listFolders(
    [...puts, ...rights, ...folders].map(item => item.path).concat(others),
  )
  const steps = [
    sh`${missing ? enterFolder(path, '700') : enterFolder(path)}
safe=; [ -n "$shared" ] || safe=yes
${ENTER_INNER}`,
    ...splitPaths(present).map(words => sh`check_folders ${words}`),
    ...(puts.length + ownFiles.length > 0 ? [openStage] : []),
    ...(puts.length > 0 ? stageFiles(puts) : []),
    ...groupRuns(others).flatMap(([folder, names]) =>
      inFolder(folder, names, words => [
        sh`for f in ${words}; do
  if [ ! -h "$f" ] && [ -d "$f" ]; then rmdir "$f" || exit 1; else rm -f "$f" || exit 1; fi
done`,
      ]),
    ),
    ...groupRuns(made.map(item => item.path)).flatMap(([folder, names]) =>
      inFolder(folder, names, words => [sh`mkdir -m 700 ${words}`]),
    ),
    ...groupRuns(inTheWay).flatMap(([folder, names]) =>
      inFolder(folder, names, words => [sh`rm -f ${words}`]),
    ),
    ...[...groupItems(puts, item => posix.dirname(item.path))].flatMap(([folder, items]) =>
      inFolder(folder, listNames(items), words => [sh`mv -f ${words} ./`], stagedIn(folder)),
    ),
    ...[...groupItems(ownFiles, item => posix.dirname(item.path))].flatMap(([folder, items]) =>
      setFileRights(folder, items),
    ),
    ...[...ownFolders, ...folders]
      .sort((a, b) => countParts(b.path) - countParts(a.path))
      .map(setFolderRights),
  ]
  const apply = sh`${join(steps.map(step => sh`${step} || exit 1`))}`
  return puts.length > 0
    ? { apply, stdin: buildTar([...puts.flatMap(makeMembers), whole]) }
    : { apply }
}

/**
 * `inner PATH` enters a folder below the working folder. `check_folders` finds whether another user
 * can change one of these: otherwise a path is entered in one step.
 */
const ENTER_INNER = sh`inner() {
  [ "$1" != . ] || return 0
  if [ -n "$safe" ]; then cd -P "./$1" || exit 1; return; fi
  left=$1
  while [ -n "$left" ]; do
    q=\${left%%/*}; case $left in */*) left=\${left#*/} ;; *) left= ;; esac
    step "$q"
  done
}
check_folders() {
  for l in $(stat -c '%u:%a:%f' "$@" 2>/dev/null); do
    m=\${l#*:}; m=\${m%:*}
    case $l in 0:*:4???) ;; *) safe= ;; esac
    case $m in *[2367]? | *[2367]) safe= ;; esac
  done
}`

const OPEN = '/proc/self/fd/3'

/** The private folder is open as descriptor 3, and is gone at the end. */
const openStage = sh`[ -n "$shared" ] || rm -rf ${STAGE} || exit 1
[ ! -h ${STAGE} ] && [ -d ${STAGE} ] || rm -f ${STAGE} || exit 1
[ -d ${STAGE} ] || mkdir -m 700 ${STAGE} || exit 1
step ${STAGE}
case $(stat -c '%u %a' .) in "$(id -u) 700" | "$(id -u) 2700") ;;
  *) refuse ${`${STAGE} is in the way: remove it`} ;; esac
exec 3<.
rm -rf ./t ./r ./whole && cd -P .. || exit 1
trap ${`rm -rf ${OPEN}/t ${OPEN}/r ${OPEN}/whole; rmdir ${STAGE}`} 0; trap 'exit 143' HUP INT TERM
mkdir ${`${OPEN}/r`}`

/**
 * All new files are on the host, with their rights, before the first one is put in place.
 */
const stageFiles = (puts: readonly PlacedItem[]): Sh[] => [
  sh`command -v tar >/dev/null || { echo 'the host has no tar' >&2; exit 1; }`,
  sh`tar -x -f - -C ${OPEN}`,
  sh`[ -e ${OPEN}/whole ] ||
  { echo 'the files did not arrive whole; nothing was put in place' >&2; exit 1; }`,
  ...setRights(puts.map(item => [item, `${OPEN}/t/${item.path}`])),
  sh`{ sync -f ${OPEN}/whole 2>/dev/null || sync; }`,
]

/** Gives each its owner, and then its mode: a new owner takes set-id bits away. */
const setRights = (places: readonly (readonly [PlacedItem, string])[]): Sh[] => {
  const paths = new Map(places)
  const items = places.map(([item]) => item)
  const split = (some: readonly PlacedItem[], command: (words: readonly string[]) => Sh) =>
    splitPaths(some.map(item => paths.get(item) as string)).map(command)
  return [
    ...[...groupItems(items, ({ owner, group }) => `${owner}:${group}`)].flatMap(([who, some]) =>
      split(some, words => sh`chown -h ${who} ${words}`),
    ),
    ...[...groupItems(items, ({ mode }) => mode)].flatMap(([mode, some]) =>
      mode === null ? [] : split(some, words => sh`chmod ${mode} ${words}`),
    ),
  ]
}

/**
 * Where another user can change the folder, its files are held by hard links in the private one. A
 * file with yet another name may be anybody's: its rights stay.
 */
const setFileRights = (folder: string, items: readonly PlacedItem[]): Sh[] => {
  const names = listNames(items)
  const here = join(setRights(items.map((item, i) => [item, `./${names[i]}`])), ' &&\n  ')
  const held = join(setRights(items.map((item, i) => [item, `${OPEN}/r/${names[i]}`])), ' &&\n  ')
  return [
    sh`( inner ${folder}
if [ -n "$safe" ]; then ${here}
else
  ${join(splitPaths(names).map(words => sh`ln ${words} ${`${OPEN}/r/`} || exit 1`))}
  f=$(find ${OPEN}/r/. ! -name . -prune -links +2 ! -user "$(stat -c %u .)")
  [ -z "$f" ] || refuse "\${f##*/}: other names of it (hard links) are elsewhere, and another" \
    'user can change this folder: its rights are left alone'
  ${held}
fi )`,
    sh`{ [ -n "$safe" ] || { rm -rf ${OPEN}/r && mkdir ${OPEN}/r; }; }`,
  ]
}

const setFolderRights = ({ path, mode, owner, group }: PlacedItem): Sh =>
  sh`( inner ${path}
chown ${`${owner}:${group}`} . && chmod ${exactMode(mode as string)} . )`

/** Commands on names of one folder, from inside it. */
const inFolder = (
  folder: string,
  names: readonly string[],
  commands: (words: readonly string[]) => readonly Sh[],
  above = '.',
): Sh[] =>
  splitPaths(names.map(name => `${above}/${name}`)).map(
    words => sh`( inner ${folder}
${join(commands(words).map(command => sh`${command} || exit 1`))}
)`,
  )

const stagedIn = (folder: string): string => posix.join(OPEN, 't', folder)
const listNames = (items: readonly PlacedItem[]): string[] =>
  items.map(({ path }) => posix.basename(path))
const countParts = (path: string): number => (path === TOP.path ? 0 : path.split('/').length)

/** The folders that hold these paths, below the top. */
const listFolders = (paths: readonly string[]): string[] => [
  ...new Set(
    paths.flatMap(path => {
      const parts = path.split('/')
      return parts.slice(0, -1).map((_, i) => `./${parts.slice(0, i + 1).join('/')}`)
    }),
  ),
]

/** Names by their folder, in their order: what is in a folder comes before the folder itself. */
const groupRuns = (paths: readonly string[]): [folder: string, names: string[]][] => {
  const runs: [string, string[]][] = []
  for (const path of paths) {
    const [folder, name] = [posix.dirname(path), posix.basename(path)]
    const last = runs.at(-1)
    if (last?.[0] === folder) last[1].push(name)
    else runs.push([folder, [name]])
  }
  return runs
}

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

/** The words of each command: the length of a command line is limited. */
const splitPaths = (paths: readonly string[]): string[][] => {
  const all: string[][] = []
  for (let at = 0; at < paths.length; at += 200) all.push(paths.slice(at, at + 200))
  return all
}
