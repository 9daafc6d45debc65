/**
 * One `up`, `reset` or `down` at a time on this machine; one at a time, too, that fills the
 * registry, which takes minutes and hinders no reset.
 */
import { mkdir } from 'node:fs/promises'
import { type LockHolder, readLockHolder, withLock } from '../../lib/disk/lock.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'

/** What is guarded: the hosts and services, or the images. */
export type Part = 'lab' | 'images'

/**
 * Runs the work while no other process changes the lab. Throws after a second, naming the holder,
 * if another process does.
 */
export const withLabLock = async <T>(
  part: Part,
  action: string,
  work: () => Promise<T>,
): Promise<T> => {
  await mkdir(labPath(), { recursive: true, mode: 0o700 })
  return withLock(labPath(`${part}.lock`), work, { seconds: 1, action })
}

/** Reads who changes the lab now, or null. */
export const readHolder = (part: Part = 'lab'): Promise<LockHolder | null> =>
  readLockHolder(labPath(`${part}.lock`))
