import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { InputError } from '../errors/input-error.ts'

interface Holder {
  readonly pid: number
  /** Identifies this lock among all others, so that a stale one is removed only once. */
  readonly id: string
}

/**
 * Runs the work while no other process on this machine holds the lock. Waits for a holder, by
 * default 20 `seconds`, then throws an error that names it.
 */
export const withLock = async <T>(
  path: string,
  work: () => Promise<T>,
  seconds = 20,
): Promise<T> => {
  const own = `${path}.${process.pid}.${randomUUID()}`
  await writeFile(own, JSON.stringify({ pid: process.pid, id: randomUUID() }), { mode: 0o600 })
  try {
    await takeLock(own, path, performance.now() + seconds * 1000)
  } finally {
    await rm(own, { force: true })
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

const takeLock = async (own: string, path: string, deadline: number) => {
  while (!(await tryLink(own, path))) {
    const holder = await readHolder(path)
    // First: the process that removed a stale lock may have died while it did.
    if (performance.now() > deadline) throw createBusyError(path, holder)
    if (holder && !isAlive(holder.pid)) await clearDead(path, holder)
    else await setTimeout(20 + Math.random() * 30)
  }
}

/** Creates the lock as a hard link: it appears in one step, with its content. */
const tryLink = (own: string, path: string) =>
  link(own, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )

const readHolder = (path: string): Promise<Holder | null> =>
  readFile(path, 'utf8').then(
    text => JSON.parse(text) as Holder,
    () => null,
  )

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Removes a stale lock. Of all processes that find it, only the one that creates the marker does,
 * after reading the lock again: another may have been quicker.
 */
const clearDead = async (path: string, dead: Holder) => {
  const mark = `${path}.${dead.id}.dead`
  const first = await writeFile(mark, '', { flag: 'wx' }).then(
    () => true,
    () => false,
  )
  if (!first) return setTimeout(20)
  if ((await readHolder(path))?.id === dead.id) await rm(path, { force: true })
  await rm(mark, { force: true })
}

const createBusyError = (path: string, holder: Holder | null) =>
  new InputError({
    place: path,
    message: holder ? `is held by process ${holder.pid}` : 'is held by another process',
    next: 'Wait for it to end; remove the file if no such process runs.',
  })
