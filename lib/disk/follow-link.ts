import { lstat, realpath } from 'node:fs/promises'
import { InputError } from '../errors/input-error.ts'

/**
 * Returns the file that a path names, through symlinks: a file that is replaced under its own name
 * stays the one that others link to. A path at which nothing is comes back as it is; a symlink to
 * nothing, and a path that cannot be looked at, is an InputError.
 */
export const followLink = async (path: string): Promise<string> => {
  try {
    return await realpath(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      throw new InputError({ place: path, message: `cannot be read (${code})` }, { cause })
    if ((await lstat(path).catch(() => null)) === null) return path
    throw new InputError(
      {
        place: path,
        message: 'is a symlink to nothing',
        next: 'Bring back the file that it points at, or remove it.',
      },
      { cause },
    )
  }
}
