import { type Diff, type Difference, Unknown } from '../../operation.ts'
import { rightsOf } from '../parts/entry.ts'
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

/** What differs between the folder on the host and the source; or why it cannot be put right. */
export const workOf = (path: string, { top, found, others }: State, items: readonly Placed[], excluded: Excludes): Work | Unknown => {
  const all = items.map((item, i) => ({ item, is: i === 0 ? (top as Found | null) : (found[i - 1] ?? null) }))
  const clash = all.find(({ item, is }) => is && !fits(item, is))
  if (clash)
    return new Unknown(
      `${path}/${clash.item.path} is a ${clash.is?.type}, and a ${clash.item.type} is wanted: remove it first`.replace('/. is', ' is'),
    )
  const wanted = new Set(items.map(item => item.path))
  const gone = others
    .filter(name => !wanted.has(name) && !excluded(name) && name.split('/')[0] !== STAGE)
    .sort()
    .reverse()
  const differing = all.map(({ item, is }) => ({ item, is, differs: differenceOf(item, is) }))
  const changed = differing.filter(({ differs }) => differs !== null)
  const put = changed.filter(({ item, is }) => item.type !== 'directory' && !(is && sameContent(item, is)))
  return {
    folders: changed.flatMap(({ item, is }) => (item.type === 'directory' && !is ? [item] : [])),
    puts: put.map(({ item }) => item),
    inTheWay: put.flatMap(({ item, is }) => (is?.type === 'symlink' ? [item.path] : [])),
    rights: changed.flatMap(({ item, is }) => (is && !put.some(one => one.item === item) ? [item] : [])),
    others: gone,
    diff: brief([
      ...changed.map(({ differs }) => differs as Difference),
      ...gone.map(name => ({ key: name, before: 'there', after: null })),
    ]),
  }
}

/** Only a folder is a folder; a file or a symlink takes the place of a file or a symlink. */
const fits = (item: Placed, is: Found): boolean =>
  item.type === 'directory' ? is.type === 'directory' : is.type === 'file' || is.type === 'symlink'

const sameContent = (item: Placed, is: Found): boolean =>
  item.type === 'file' ? is.hash === item.hash : item.type === 'symlink' ? is.target === item.target : true

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
  return [...all.slice(0, SHOWN), { key: `${rest.length} more`, before, after: gone ? null : 'as in the source' }]
}
