import type { Redirection } from '../shell/syntax.ts'
import { type Entry, Fault, folderOf } from './files.ts'
import type { Pause, Process } from './kernel.ts'
import { type Open, openBoth, openNull, openReader, openWriter, type Pipe } from './pipes.ts'

/** A path as the process means it: absolute, without `.` and `..`. */
export const resolvePath = ({ folder }: Process, path: string): string => {
  if (path.startsWith('/') && !/\/(\/|\.|$)/.test(path)) return path
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/'))
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  return `/${parts.join('/')}`
}

/** Opens a file for a redirection; a named pipe is still to be waited for. Throws Fault. */
export const openFile = (
  process: Process,
  does: Redirection['does'],
  given: string,
  noClobber = false,
): Open | Generator<Pause, Open, void> => {
  const path = resolvePath(process, given)
  const { files } = process.kernel
  if (path === '/dev/null') return openNull()
  if (given.endsWith('/')) throw new Fault('EISDIR')
  const entry = getEntry(process, path)
  if (entry?.is === 'fifo') return openFifo(process, entry.pipe, does)
  if (does === '<') return openToRead(process, path)
  if (noClobber && does === '>' && files.get(path)) throw new Fault('EEXIST')
  const node = files.openToWrite(path, does === '>')
  return { is: 'file', path, node, at: 0, refs: 1, ...(does === '<>' ? { inPlace: true } : {}) }
}

/** One end of a named pipe, which waits until somebody opens the other; or both ends. */
function* openFifo(
  process: Process,
  pipe: Pipe,
  does: Redirection['does'],
): Generator<Pause, Open, void> {
  if (does === '<>') return openBoth(pipe)
  const reads = does === '<'
  const before = reads ? pipe.writerOpens : pipe.readerOpens
  const open = reads ? openReader(pipe) : openWriter(pipe)
  process.aside.push(open)
  while ((reads ? pipe.writers : pipe.readers) === 0)
    if ((reads ? pipe.writerOpens : pipe.readerOpens) > before) break
    else yield pipe.opened
  process.aside.splice(process.aside.indexOf(open), 1)
  return open
}

export const openToRead = (process: Process, path: string): Open => {
  const [, fd] = /^\/proc\/self\/fd\/(\d)$/.exec(path) ?? []
  const open = fd === undefined ? undefined : process.opened.get(Number(fd))
  if (open?.is === 'file') return { ...open, at: 0, refs: 1 } // opened again, removed or not
  const text = readProc(process, path)
  if (text !== null) return { is: 'text', bytes: Buffer.from(text, 'latin1'), at: 0, refs: 1 }
  const entry = getEntry(process, path)
  if (!entry) throw new Fault('ENOENT')
  if (entry.is !== 'file') throw new Fault('EISDIR')
  process.kernel.onRead(process, path)
  return { is: 'file', path, node: entry, at: 0, refs: 1 }
}

/** What is at a path, links followed. */
export const getEntry = (process: Process, path: string): Entry | undefined => {
  const { files } = process.kernel
  let entry = files.get(path)
  for (let hops = 0, at = path; entry?.is === 'link' && hops < 8; hops++) {
    at = entry.to.startsWith('/') ? entry.to : `${folderOf(at)}/${entry.to}`
    entry = files.get(at)
  }
  return entry?.is === 'link' ? undefined : entry
}

/** Whether something is at a path, below /proc too. */
export const isThere = (process: Process, path: string): boolean =>
  path === '/dev/null' || readProc(process, path) !== null || getEntry(process, path) !== undefined

/** The paths directly in a folder. */
export const listPaths = (process: Process, folder: string): string[] =>
  folder === '/proc'
    ? [1, ...process.kernel.processes.keys()].map(pid => `/proc/${pid}`).sort()
    : process.kernel.files.list(folder)

/** What a file below /proc says; null where there is none. */
const readProc = (process: Process, path: string): string | null => {
  if (!path.startsWith('/proc/')) return null
  const { kernel } = process
  if (path === '/proc/sys/kernel/random/boot_id') return `${kernel.bootId}\n`
  const [, , who = '', what = ''] = path.split('/')
  if (who === '1') return what === 'comm' ? 'systemd\n' : '1 (systemd) S 0 1 1 0 -1 0\n'
  const other = who === 'self' ? process : kernel.processes.get(Number(who))
  if (!other) return null
  if (what === '') return ''
  if (what === 'environ') return ''
  if (what === 'comm') return `${other.name}\n`
  if (what !== 'stat') return null
  const state = { running: 'S', stopped: 'T', ended: 'Z' }[other.state]
  const { pid, name, parent, session, started } = other
  return (
    `${pid} (${name}) ${state} ${parent?.pid ?? 1} ${session} ${session} 0 -1 4194304 ` +
    `0 0 0 0 0 0 0 0 20 0 1 0 ${started} 0 0\n`
  )
}
