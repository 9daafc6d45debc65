/** One `up`, `reset` or `down` at a time on this machine. */
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { at } from './home.ts'

type Holder = { action: string; pid: number; started: string }

/** Runs the work while no other process changes the lab. Throws at once, naming the holder, where one does. */
export const locked = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
  await take(action)
  try {
    return await work()
  } finally {
    await rm(at('lock'), { force: true })
  }
}

/** Who changes the lab now, or null. A holder that died does not count, however long its file lies there. */
export const holder = async (): Promise<Holder | null> => {
  const text = await readFile(at('lock'), 'utf8').catch(() => null)
  const said = text === null ? null : (JSON.parse(text) as Holder)
  return said && (await startOf(said.pid)) === said.started ? said : null
}

const take = async (action: string): Promise<void> => {
  await mkdir(at(), { recursive: true, mode: 0o700 })
  const own = at(`lock.${process.pid}`)
  await writeFile(own, JSON.stringify({ action, pid: process.pid, started: await startOf(process.pid) }))
  try {
    if (!(await linked(own)) && !((await cleared()) && (await linked(own)))) throw await taken()
  } finally {
    await rm(own, { force: true })
  }
}

// A hard link is made or refused in one step, with its content.
const linked = (own: string) =>
  link(own, at('lock')).then(
    () => true,
    () => false,
  )

// Renaming tells two that clear at the same time apart: the second finds nothing to rename.
const cleared = async (): Promise<boolean> => {
  if (await holder()) return false
  const grave = at(`lock.dead.${process.pid}`)
  const moved = await rename(at('lock'), grave).then(
    () => true,
    () => false,
  )
  await rm(grave, { force: true })
  return moved
}

const taken = async () => {
  const other = await holder()
  return new Error(other ? `the lab is busy: \`${other.action}\` runs as process ${other.pid}; wait for it` : 'the lab is busy; try again')
}

// A process id is given out again; with the start time (ticks since boot) it is one process only.
const startOf = async (pid: number): Promise<string | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}
