import type { PlacedItem } from '../../operations/tree/source.ts'

/**
 * The names that a host told of a folder, NUL between them. One that is not below the folder is an
 * error: what one host says is done as root on another.
 */
export const listNames = (printed: Buffer): string[] => {
  const text = printed.toString()
  if (text.includes('\ufffd'))
    throw new Error('there is a name that is no UTF-8 text: exclude its folder, or rename it')
  const names = text.split('\0').filter(Boolean)
  const bad = names.find(
    name =>
      !/^\.\/[^/]/.test(name) ||
      name
        .slice(2)
        .split('/')
        .some(part => part === '' || part === '.' || part === '..'),
  )
  if (bad !== undefined)
    throw new Error(`the host told a name that no folder holds: ${JSON.stringify(bad)}`)
  return names.map(name => name.slice(2)).sort()
}

/**
 * The same items, where all of them are in folders that are among them: nothing is written through
 * a symlink. Owners and modes are words that mean nothing else.
 */
export const verifyListing = (items: readonly PlacedItem[]): readonly PlacedItem[] => {
  const folders = new Set(items.flatMap(({ type, path }) => (type === 'directory' ? [path] : [])))
  const paths = new Set(items.map(({ path }) => path))
  const stray = items.find(
    ({ path }) =>
      path !== '.' && !folders.has(path.includes('/') ? path.replace(/\/[^/]*$/, '') : '.'),
  )
  if (stray || paths.size !== items.length)
    throw new Error(
      `the host told of ${JSON.stringify(stray?.path)} outside a folder, or of one name twice`,
    )
  const odd = items.find(
    ({ owner, group, mode }) =>
      !isName.test(owner) || !isName.test(group) || !/^[0-7]{1,4}$/.test(mode ?? '0'),
  )
  if (odd)
    throw new Error(`the host told of an invalid owner, group or mode: ${JSON.stringify(odd.path)}`)
  return items
}

const isName = /^([a-zA-Z_][\w.@-]*\$?|\d+)$/
