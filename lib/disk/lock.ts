import { randomUUID } from 'node:crypto'
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { InputError } from '../errors/input-error.ts'

/** The process that holds a lock. */
export type LockHolder = {
  readonly pid: number
  /** When it started, in ticks since boot: a process id is given out again. Null: unknown. */
  readonly started?: string | null
  /** Identifies this lock among all others, so that a stale one is removed only once. */
  readonly id?: string
  /** What it does, for messages. */
  readonly action?: string
}

export type LockOptions = {
  /** Seconds to wait for a holder. Default 20. */
  readonly seconds?: number
  /** What is done under the lock, for messages. Default: nothing is said of it. */
  readonly action?: string
}

/**
 * Runs the work while no other process on this machine holds the lock. Waits for a holder, then
 * throws an error that names it. A holder that died does not count.
 */
export const withLock = async <T>(
  path: string,
  work: () => Promise<T>,
  { seconds = 20, action }: LockOptions = {},
): Promise<T> => {
  const own = `${path}.${process.pid}.${randomUUID()}`
  const holder: LockHolder = {
    pid: process.pid,
    started: (await readProcess(process.pid))?.started ?? null,
    id: randomUUID(),
    ...(action === undefined ? {} : { action }),
  }
  await writeFile(own, JSON.stringify(holder), { mode: 0o600 })
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

/** Reads who holds a lock now; null if nobody does. A holder that died does not count. */
export const readLockHolder = async (path: string): Promise<LockHolder | null> => {
  const holder = await readHolder(path)
  return holder && (await isAlive(holder)) ? holder : null
}

const takeLock = async (own: string, path: string, deadline: number) => {
  while (!(await tryLink(own, path))) {
    const holder = await readHolder(path)
    // First: the process that removed a stale lock may have died while it did.
    if (performance.now() > deadline) throw createBusyError(path, holder)
    if (holder && !(await isAlive(holder))) await clearDead(path, holder)
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

const readHolder = (path: string): Promise<LockHolder | null> =>
  readFile(path, 'utf8').then(
    text => JSON.parse(text) as LockHolder,
    () => null,
  )

const isAlive = async ({ pid, started = null }: LockHolder): Promise<boolean> => {
  const now = await readProcess(pid)
  if (now && (await isZombie(pid, now))) return false
  if (started !== null && now) return started === now.started
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

type Process = {
  readonly state: string
  /** In ticks since boot. */
  readonly started: string
}

/** What /proc says of a process; null if it says nothing. */
const readProcess = async (pid: number): Promise<Process | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, started] = [words[0], words[19]]
  return state && started ? { state, started } : null
}

/** Whether it has ended, with all its threads, and its parent has not asked for it. */
const isZombie = async (pid: number, { state }: Process): Promise<boolean> =>
  /[ZX]/.test(state) && (await readdir(`/proc/${pid}/task`).catch(() => [])).length < 2

/**
 * Removes a stale lock. Of all processes that find it, only the one that creates the marker does,
 * after reading the lock again: another may have been quicker.
 */
const clearDead = async (path: string, dead: LockHolder) => {
  const mark = `${path}.${identify(dead)}.dead`
  const first = await writeFile(mark, '', { flag: 'wx' }).then(
    () => true,
    () => false,
  )
  if (!first) return setTimeout(20)
  const now = await readHolder(path)
  if (now && identify(now) === identify(dead)) await rm(path, { force: true })
  await rm(mark, { force: true })
}

const identify = ({ id, pid, started }: LockHolder): string => id ?? `${pid}-${started}`

const createBusyError = (path: string, holder: LockHolder | null) =>
  new InputError({
    place: path,
    message: holder ? `is held: ${describeHolder(holder)}` : 'is held by another process',
    next: 'Wait for it to end; remove the file if no such process runs.',
  })

const describeHolder = ({ pid, action }: LockHolder): string =>
  action === undefined ? `process ${pid} has it` : `\`${action}\` runs as process ${pid}`
