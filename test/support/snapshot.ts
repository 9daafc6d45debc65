import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * All that can be seen of one thing: its kind, mode, owner and content. With `times` also when it
 * was last touched, so that a rewrite with the same content shows.
 */
const seen = (path: Buffer, times: boolean): string => {
  const stat = lstatSync(path, { bigint: true })
  const content = stat.isFile()
    ? readFileSync(path, 'latin1')
    : stat.isSymbolicLink()
      ? readlinkSync(path, 'latin1')
      : ''
  const kind = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'folder'
      : stat.isSymbolicLink()
        ? 'symlink'
        : 'other'
  const rights = `${(stat.mode & 0o7777n).toString(8)} ${stat.uid}:${stat.gid}`
  return [
    kind,
    rights,
    ...(times ? [stat.ino, stat.mtimeNs, stat.ctimeNs] : []),
    JSON.stringify(content),
  ].join(' ')
}

/** A folder (or a file) and all below it, a line each; nothing where it is not there. */
export const takeSnapshot = (top: string, times = true): string[] => {
  const walk = (path: Buffer, name: string): string[] => {
    const line = `${name || '.'} ${seen(path, times)}`
    if (!lstatSync(path).isDirectory()) return [line]
    const names = readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare)
    return [
      line,
      ...names.flatMap(inner =>
        walk(Buffer.concat([path, Buffer.from('/'), inner]), `${name}/${inner.toString('latin1')}`),
      ),
    ]
  }
  try {
    return walk(Buffer.from(top), '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
