import { type Diff, type Difference, Unknown } from '../../operation.ts'
import { pickRights } from '../file/entry.ts'
import type { Excludes, PlacedItem } from './source.ts'
import { type FoundEntry, STAGE, type State } from './state.ts'

/** What has to be done, by paths from the folder's top. */
export type Work = {
  /** Folders that are missing, parents first; the first may be the folder itself. */
  readonly folders: readonly PlacedItem[]
  /** Files and symlinks to put in place. */
  readonly puts: readonly PlacedItem[]
  /** Symlinks that a file or another symlink replaces. */
  readonly inTheWay: readonly string[]
  /** What has other rights only. */
  readonly rights: readonly PlacedItem[]
  /** What is not in the source; the content of a folder comes before the folder. */
  readonly others: readonly string[]
  readonly diff: Diff
}

/** How many differences of a tree are shown; the rest is counted. */
const SHOWN = 40

/** A wanted thing, what is in its place, and how they differ. */
type Differing = {
  readonly item: PlacedItem
  readonly is: FoundEntry | null
  readonly differs: Difference
}

/** What differs between the folder on the host and the source; or why it cannot be put right. */
export const planWork = (
  path: string,
  { top, found, others }: State,
  items: readonly PlacedItem[],
  excluded: Excludes,
): Work | Unknown => {
  const all = items.map((item, i) => ({
    item,
    is: i === 0 ? (top as FoundEntry | null) : (found[i - 1] ?? null),
  }))
  const clash = all.find(({ item, is }) => is && !canReplace(item, is))
  if (clash) return reportClash(path, clash.item, clash.is?.type)
  const differing = all.flatMap(({ item, is }): Differing[] => {
    const differs = findDifference(item, is)
    return differs ? [{ item, is, differs }] : []
  })
  const gone = findSurplus(others, items, excluded)
  const diff = [
    ...differing.map(({ differs }) => differs),
    ...gone.map(name => ({ key: name, before: 'there', after: null })),
  ]
  return { ...sortWork(differing), others: gone, diff: abbreviate(diff) }
}

const reportClash = (
  path: string,
  { path: inner, type: wanted }: PlacedItem,
  type = 'thing',
): Unknown =>
  new Unknown(
    `${inner === '.' ? path : `${path}/${inner}`} is a ${type}, ` +
      `and a ${wanted} is wanted: remove it first`,
  )

/** What each of them needs: to be made, to be put in place, or only other rights. */
const sortWork = (differing: readonly Differing[]): Omit<Work, 'others' | 'diff'> => {
  const puts = differing.filter(
    ({ item, is }) => item.type !== 'directory' && !(is && hasSameContent(item, is)),
  )
  const sent = new Set(puts)
  const rest = differing.filter(one => !sent.has(one))
  return {
    folders: rest.flatMap(({ item, is }) => (is ? [] : [item])),
    puts: puts.map(({ item }) => item),
    inTheWay: puts.flatMap(({ item, is }) => (is?.type === 'symlink' ? [item.path] : [])),
    rights: rest.flatMap(({ item, is }) => (is ? [item] : [])),
  }
}

/** What is not wanted; the content of a folder comes before the folder. */
const findSurplus = (
  names: readonly string[],
  items: readonly PlacedItem[],
  excluded: Excludes,
): string[] => {
  const wanted = new Set(items.map(item => item.path))
  return names
    .filter(name => !wanted.has(name) && !excluded(name) && name.split('/')[0] !== STAGE)
    .sort()
    .reverse()
}

/** Only a folder is a folder; a file or a symlink takes the place of a file or a symlink. */
const canReplace = (item: PlacedItem, is: FoundEntry): boolean =>
  item.type === 'directory' ? is.type === 'directory' : is.type === 'file' || is.type === 'symlink'

const hasSameContent = (item: PlacedItem, is: FoundEntry): boolean =>
  item.type === 'file'
    ? is.hash === item.hash
    : item.type === 'symlink'
      ? is.target === item.target
      : true

const findDifference = (item: PlacedItem, is: FoundEntry | null): Difference | null => {
  const after = formatItem(describeContent(item), item.mode, item.owner, item.group)
  if (!is) return { key: item.path, before: null, after }
  const { mode, owner, group } = pickRights(is, item)
  const content = hasSameContent(item, is)
    ? describeContent(item)
    : is.type === 'symlink'
      ? `symlink to ${is.target}`
      : `${is.bytes} bytes, sha256 ${is.hash?.slice(0, 12)}`
  const before = formatItem(content, item.type === 'symlink' ? null : mode, owner, group)
  return before === after ? null : { key: item.path, before, after }
}

const describeContent = (item: PlacedItem): string =>
  item.type === 'file'
    ? `${item.bytes} bytes, sha256 ${item.hash.slice(0, 12)}`
    : item.type === 'symlink'
      ? `symlink to ${item.target}`
      : 'folder'
const formatItem = (content: string, mode: string | null, owner: string, group: string): string =>
  `${content}, ${mode === null ? '' : `${mode} `}${owner}:${group}`

const abbreviate = (all: readonly Difference[]): Diff => {
  if (all.length <= SHOWN + 1) return all
  const rest = all.slice(SHOWN)
  const gone = rest.every(({ after }) => after === null)
  const before = rest.every(one => one.before === null) ? null : `${rest.length} differ`
  return [
    ...all.slice(0, SHOWN),
    { key: `${rest.length} more`, before, after: gone ? null : 'as in the source' },
  ]
}
