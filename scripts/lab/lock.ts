/**
 * One `up`, `reset` or `down` at a time on this machine; one at a time, too, that fills the
 * registry, which takes minutes and hinders no reset.
 */
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { at } from '../../lib/inventory/lab-home.ts'

/** What is guarded: the hosts and services, or the images. */
export type Part = 'lab' | 'images'

type Holder = { action: string; pid: number; started: string }

/**
 * Runs the work while no other process changes the lab. Throws at once, naming the holder, where
 * one does.
 */
export const locked = async <T>(part: Part, action: string, work: () => Promise<T>): Promise<T> => {
  await take(part, action)
  try {
    return await work()
  } finally {
    await rm(file(part), { force: true })
  }
}

/**
 * Who changes the lab now, or null. A holder that died does not count, however long its file lies
 * there.
 */
export const holder = async (part: Part = 'lab'): Promise<Holder | null> => {
  const text = await readFile(file(part), 'utf8').catch(() => null)
  const said = text === null ? null : (JSON.parse(text) as Holder)
  return said && (await startOf(said.pid)) === said.started ? said : null
}

const file = (part: Part) => at(`${part}.lock`)

const take = async (part: Part, action: string): Promise<void> => {
  await mkdir(at(), { recursive: true, mode: 0o700 })
  const own = `${file(part)}.${process.pid}`
  await writeFile(
    own,
    JSON.stringify({ action, pid: process.pid, started: await startOf(process.pid) }),
  )
  try {
    if (!(await linked(part, own)) && !((await cleared(part)) && (await linked(part, own))))
      throw await taken(part)
  } finally {
    await rm(own, { force: true })
  }
}

// A hard link is made or refused in one step, with its content.
const linked = (part: Part, own: string) =>
  link(own, file(part)).then(
    () => true,
    () => false,
  )

// Renaming tells two that clear at the same time apart: the second finds nothing to rename.
const cleared = async (part: Part): Promise<boolean> => {
  if (await holder(part)) return false
  const grave = `${file(part)}.dead.${process.pid}`
  const moved = await rename(file(part), grave).then(
    () => true,
    () => false,
  )
  await rm(grave, { force: true })
  return moved
}

const taken = async (part: Part) => {
  const other = await holder(part)
  return new Error(
    other
      ? `the lab is busy: \`${other.action}\` runs as process ${other.pid}; wait for it`
      : 'the lab is busy; try again',
  )
}

// A process id is given out again; with the start time (ticks since boot) it is one process only.
const startOf = async (pid: number): Promise<string | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}
