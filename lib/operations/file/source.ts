import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { OptionError } from '../../errors/option-error.ts'

/**
 * The bytes of a file of the controller. A folder is an OptionError that names it: the system's own
 * error has no path.
 */
export const readSource = (source: URL | string): Buffer => {
  try {
    return readFileSync(source)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error
    throw new OptionError(
      {
        message: `source: ${source instanceof URL ? fileURLToPath(source) : source} is a folder`,
        next: 'name a file, or send the folder with tree',
      },
      { cause: error },
    )
  }
}
