import { lstatSync, statSync } from 'node:fs'
import { InputError } from '../errors/input-error.ts'
import { shortenPath } from '../errors/read-text.ts'

/**
 * Whether there is something at a path. Only "no such file" is absence: a symlink to nothing, and
 * what cannot be looked at, is an InputError with the path.
 */
export const isThere = (path: string): boolean => {
  const place = shortenPath(path)
  try {
    statSync(path)
    return true
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ENOENT')
      throw new InputError({ place, message: `cannot be read (${code})` }, { cause })
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found === undefined) return false
    // It came between the two looks.
    if (!found.isSymbolicLink()) return true
    throw new InputError(
      {
        place,
        message: 'is a symlink to nothing',
        next: 'Bring back the file that it points at, or remove it.',
      },
      { cause },
    )
  }
}

/** For the `catch` of a look at a file: null if it does not exist. Any other error is thrown. */
export const passMissing = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null
  throw error
}
