/**
 * One `up`, `reset` or `down` at a time on this machine; one at a time, too, that fills the
 * registry, which takes minutes and hinders no reset.
 */
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { labPath } from '../../lib/inventory/lab-home.ts'

/** What is guarded: the hosts and services, or the images. */
export type Part = 'lab' | 'images'

type Holder = { action: string; pid: number; started: string }

/**
 * Runs the work while no other process changes the lab. Throws immediately, naming the holder, if
 * another process does.
 */
export const withLabLock = async <T>(
  part: Part,
  action: string,
  work: () => Promise<T>,
): Promise<T> => {
  await take(part, action)
  try {
    return await work()
  } finally {
    await rm(lockPath(part), { force: true })
  }
}

/**
 * Who changes the lab now, or null. A holder that died does not count, however long its file lies
 * there.
 */
export const readHolder = async (part: Part = 'lab'): Promise<Holder | null> => {
  const text = await readFile(lockPath(part), 'utf8').catch(() => null)
  const said = text === null ? null : (JSON.parse(text) as Holder)
  return said && (await readStartTime(said.pid)) === said.started ? said : null
}

const lockPath = (part: Part) => labPath(`${part}.lock`)

const take = async (part: Part, action: string): Promise<void> => {
  await mkdir(labPath(), { recursive: true, mode: 0o700 })
  const own = `${lockPath(part)}.${process.pid}`
  await writeFile(
    own,
    JSON.stringify({ action, pid: process.pid, started: await readStartTime(process.pid) }),
  )
  try {
    if (!(await linkLock(part, own)) && !((await clearStale(part)) && (await linkLock(part, own))))
      throw await explainHolder(part)
  } finally {
    await rm(own, { force: true })
  }
}

// A hard link is made or refused in one step, with its content.
const linkLock = (part: Part, own: string) =>
  link(own, lockPath(part)).then(
    () => true,
    () => false,
  )

// Renaming tells two that clear at the same time apart: the second finds nothing to rename.
const clearStale = async (part: Part): Promise<boolean> => {
  if (await readHolder(part)) return false
  const grave = `${lockPath(part)}.dead.${process.pid}`
  const moved = await rename(lockPath(part), grave).then(
    () => true,
    () => false,
  )
  await rm(grave, { force: true })
  return moved
}

const explainHolder = async (part: Part) => {
  const other = await readHolder(part)
  return new Error(
    other
      ? `the lab is busy: \`${other.action}\` runs as process ${other.pid}; wait for it`
      : 'the lab is busy; try again',
  )
}

// A process id is given out again; with the start time (ticks since boot) it is one process only.
const readStartTime = async (pid: number): Promise<string | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}
