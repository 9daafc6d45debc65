import { readFileSync, type Stats } from 'node:fs'
import { InputError } from '../../errors/input-error.ts'
import { sha256 } from './content.ts'

/**
 * A file on the controller: its hash, and its content, which stays in memory only while somebody
 * needs it.
 */
export type Local = { readonly hash: string; readonly content: () => Buffer }

/** What was read once is not read again for every host. */
const known = new Map<string, Local>()

/**
 * The file of the controller at that path, as it is now. Content that is not that of its hash any
 * more is an error.
 */
export const localFile = (at: string, { ino, size, mtimeMs, ctimeMs }: Stats): Local => {
  const version = [at, ino, size, mtimeMs, ctimeMs].join('|')
  const file = known.get(version) ?? read(at)
  known.set(version, file)
  return file
}

const read = (at: string): Local => {
  const first = readFileSync(at)
  const hash = sha256(first)
  let held = new WeakRef(first)
  const content = (): Buffer => {
    const still = held.deref()
    if (still) return still
    const again = readFileSync(at)
    if (sha256(again) !== hash)
      throw new InputError({
        place: at,
        message: 'it was changed while it was being copied',
        next: 'run again',
      })
    held = new WeakRef(again)
    return again
  }
  return { hash, content }
}
