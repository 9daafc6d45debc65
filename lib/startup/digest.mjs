import { createHash } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs'

let buffer = Buffer.allocUnsafe(256 * 1024)

/**
 * One hash over inputs: of sources, settings and folders the content, of packages' files what the
 * system says of them (a change cannot keep size, inode and change time). What is absent counts
 * too. `known` has the contents that were compiled.
 */
export const hashInputs = (paths, known = new Map()) => {
  const hash = createHash('sha256')
  for (const path of paths) {
    const state = known.get(path) ?? (isInPackage(path) ? readState(path) : readContent(path))
    hash.update(`${path}\0${state.length}\0`)
    hash.update(state)
  }
  return hash.digest('hex')
}

/** Whether the file belongs to an installed package. */
export const isInPackage = path => path.includes('/node_modules/')

const ABSENT = 'absent\0'

const readState = path => {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.dev} ${stat.ino} ${stat.size} ${stat.ctimeMs} ${stat.mtimeMs}` : ABSENT
}

/** The file's bytes, which the next call overwrites. */
const readContent = path => {
  let file
  try {
    file = openSync(path)
    const { size } = fstatSync(file)
    if (size >= buffer.length) buffer = Buffer.allocUnsafe(size * 2)
    const read = readSync(file, buffer, 0, buffer.length, 0)
    return read === size ? buffer.subarray(0, size) : readFileSync(path)
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ABSENT
    if (error.code === 'EISDIR') return readdirSync(path).sort().join('\n')
    throw error
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
