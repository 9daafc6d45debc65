import { readFileSync, type Stats } from 'node:fs'
import { InputError } from '../../errors/input-error.ts'
import { sha256 } from './content.ts'
import { readSource } from './source.ts'

/**
 * A file on the controller: its hash, and its content, which stays in memory only while somebody
 * needs it.
 */
export type LocalFile = { readonly hash: string; readonly content: () => Buffer }

/** What was read once is not read again for every host. */
const known = new Map<string, LocalFile>()

/**
 * The file of the controller at that path, as it is now. Content that is not that of its hash any
 * more is an error.
 */
export const readLocalFile = (at: string, { ino, size, mtimeMs, ctimeMs }: Stats): LocalFile => {
  const version = [at, ino, size, mtimeMs, ctimeMs].join('|')
  const file = known.get(version) ?? loadFile(at)
  known.set(version, file)
  return file
}

const loadFile = (at: string): LocalFile => {
  const first = readSource(at)
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
