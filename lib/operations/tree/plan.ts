import { type Diff, type Difference, Unknown } from '../../operation.ts'
import { rightsOf } from '../file/entry.ts'
import type { Excludes, Placed } from './source.ts'
import { type Found, STAGE, type State } from './state.ts'

/** What has to be done, by paths from the folder's top. */
export type Work = {
  /** Folders that are missing, parents first; the first may be the folder itself. */
  readonly folders: readonly Placed[]
  /** Files and symlinks to be put in place. */
  readonly puts: readonly Placed[]
  /** Symlinks that stand where a file or another symlink is wanted. */
  readonly inTheWay: readonly string[]
  /** What has other rights only. */
  readonly rights: readonly Placed[]
  /** What is not in the source, what is in a folder before the folder itself. */
  readonly others: readonly string[]
  readonly diff: Diff
}

/** Shown of a tree's differences; the rest is counted. */
const SHOWN = 40

/** A wanted thing, what is in its place, and how they differ. */
type Differing = { readonly item: Placed; readonly is: Found | null; readonly differs: Difference }

/** What differs between the folder on the host and the source; or why it cannot be put right. */
export const workOf = (
  path: string,
  { top, found, others }: State,
  items: readonly Placed[],
  excluded: Excludes,
): Work | Unknown => {
  const all = items.map((item, i) => ({
    item,
    is: i === 0 ? (top as Found | null) : (found[i - 1] ?? null),
  }))
  const clash = all.find(({ item, is }) => is && !fits(item, is))
  if (clash) return clashing(path, clash.item, clash.is?.type)
  const differing = all.flatMap(({ item, is }): Differing[] => {
    const differs = differenceOf(item, is)
    return differs ? [{ item, is, differs }] : []
  })
  const gone = surplus(others, items, excluded)
  const diff = [
    ...differing.map(({ differs }) => differs),
    ...gone.map(name => ({ key: name, before: 'there', after: null })),
  ]
  return { ...sorted(differing), others: gone, diff: brief(diff) }
}

const clashing = (path: string, { path: inner, type: wanted }: Placed, type = 'thing'): Unknown =>
  new Unknown(
    `${inner === '.' ? path : `${path}/${inner}`} is a ${type}, and a ${wanted} is wanted: remove it first`,
  )

/** What each of them needs: to be made, to be put in place, or only other rights. */
const sorted = (differing: readonly Differing[]): Omit<Work, 'others' | 'diff'> => {
  const puts = differing.filter(
    ({ item, is }) => item.type !== 'directory' && !(is && sameContent(item, is)),
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

/** What is there beside the wanted things, what is in a folder before the folder itself. */
const surplus = (
  names: readonly string[],
  items: readonly Placed[],
  excluded: Excludes,
): string[] => {
  const wanted = new Set(items.map(item => item.path))
  return names
    .filter(name => !wanted.has(name) && !excluded(name) && name.split('/')[0] !== STAGE)
    .sort()
    .reverse()
}

/** Only a folder is a folder; a file or a symlink takes the place of a file or a symlink. */
const fits = (item: Placed, is: Found): boolean =>
  item.type === 'directory' ? is.type === 'directory' : is.type === 'file' || is.type === 'symlink'

const sameContent = (item: Placed, is: Found): boolean =>
  item.type === 'file'
    ? is.hash === item.hash
    : item.type === 'symlink'
      ? is.target === item.target
      : true

const differenceOf = (item: Placed, is: Found | null): Difference | null => {
  const after = words(what(item), item.mode, item.owner, item.group)
  if (!is) return { key: item.path, before: null, after }
  const { mode, owner, group } = rightsOf(is, item)
  const content = sameContent(item, is)
    ? what(item)
    : is.type === 'symlink'
      ? `symlink to ${is.target}`
      : `${is.bytes} bytes, sha256 ${is.hash?.slice(0, 12)}`
  const before = words(content, item.type === 'symlink' ? null : mode, owner, group)
  return before === after ? null : { key: item.path, before, after }
}

const what = (item: Placed): string =>
  item.type === 'file'
    ? `${item.bytes} bytes, sha256 ${item.hash.slice(0, 12)}`
    : item.type === 'symlink'
      ? `symlink to ${item.target}`
      : 'folder'
const words = (content: string, mode: string | null, owner: string, group: string): string =>
  `${content}, ${mode === null ? '' : `${mode} `}${owner}:${group}`

const brief = (all: readonly Difference[]): Diff => {
  if (all.length <= SHOWN + 1) return all
  const rest = all.slice(SHOWN)
  const gone = rest.every(({ after }) => after === null)
  const before = rest.every(one => one.before === null) ? null : `${rest.length} differ`
  return [
    ...all.slice(0, SHOWN),
    { key: `${rest.length} more`, before, after: gone ? null : 'as in the source' },
  ]
}
