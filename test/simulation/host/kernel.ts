import type { Random } from '../random.ts'
import type { Agenda } from './agenda.ts'
import { contentOf } from './file-node.ts'
import { Fault, type Files } from './files.ts'
import { type Open, Pipe, release, Waiting } from './pipes.ts'

/** What a process waits for: so many milliseconds, or that something happens. */
export type Pause = number | Waiting
/** A program as it runs; it returns its exit code. */
export type Task = Generator<Pause, number, void>
export type Program = (process: Process) => Task
export type Signal = 'HUP' | 'INT' | 'TERM' | 'KILL' | 'PIPE' | 'STOP' | 'CONT'

const NUMBERS: Readonly<Record<Signal, number>> = {
  HUP: 1,
  INT: 2,
  KILL: 9,
  PIPE: 13,
  TERM: 15,
  CONT: 18,
  STOP: 19,
}

/** How a process ended. */
export type Status = { readonly code: number; readonly signal: Signal | null }

export class Process {
  readonly kernel: Kernel
  readonly pid: number
  parent: Process | null
  session: number
  readonly started: number
  name: string
  /** The words that it was started with. */
  readonly words: readonly string[]
  readonly opened = new Map<number, Open>()
  /** What has no descriptor for a while: a redirection put it aside, or it is being opened. */
  readonly aside: Open[] = []
  readonly children = new Set<Process>()
  readonly childEnded = new Waiting()
  task: Task | null = null
  state: 'running' | 'stopped' | 'ended' = 'running'
  status: Status = { code: 0, signal: null }
  /** Signals that it handles itself, and those of them that have come. */
  readonly handled = new Set<Signal>()
  readonly pending: Signal[] = []
  /** It was to go on while it was stopped. */
  due = false
  /** What it waits for is left at a handled signal. */
  interruptible = false
  waitsFor: Waiting | null = null
  folder: string
  /** The run on whose behalf it is there. */
  owner: string
  /** It is a root shell of the engine. */
  isShell = false

  constructor(kernel: Kernel, parent: Process | null, name: string, words: readonly string[]) {
    this.kernel = kernel
    this.pid = kernel.nextPid()
    this.parent = parent
    this.session = parent?.session ?? this.pid
    this.started = Math.floor(kernel.uptime / 10)
    this.name = name
    this.words = words
    this.folder = parent?.folder ?? '/'
    this.owner = parent?.owner ?? ''
    parent?.children.add(this)
    for (const [fd, open] of parent?.opened ?? []) {
      open.refs++
      this.opened.set(fd, open)
    }
  }

  /** It goes on, for what it waited for has happened. */
  resume(): void {
    this.kernel.resume(this)
  }

  /** Makes a descriptor stand for this; what it stood for is released. */
  set(fd: number, open: Open | undefined): void {
    const before = this.opened.get(fd)
    if (open) this.opened.set(fd, open)
    else this.opened.delete(fd)
    if (before) release(before)
  }

  /** Closes all that it has open. */
  close(): void {
    for (const fd of [...this.opened.keys()]) this.set(fd, undefined)
    for (const open of this.aside.splice(0)) release(open)
  }

  get(fd: number): Open {
    const open = this.opened.get(fd)
    if (!open) throw new Fault('EBADF')
    return open
  }
}

/** The processes of a host, from one boot to the next. */
export class Kernel {
  readonly agenda: Agenda
  readonly random: Random
  readonly files: Files
  readonly processes = new Map<number, Process>()
  /** Programs that the host does not have. */
  readonly missing = new Set<string>()
  bootId = ''
  /** How many milliseconds a process waits for its turn, about. A slow host has more. */
  pace = 0.4
  /** Milliseconds for which a program is held up before it begins. */
  holdUp: (process: Process) => number = () => 0
  /** How often a process went on: a fault is placed by this number. */
  steps = 0
  /** The process that is at it. */
  current: Process | null = null
  onStep: () => void = () => {}
  onRead: (process: Process, path: string) => void = () => {}
  /** Milliseconds for which the next program hangs. */
  stallNext = 0
  /** A fault of the model itself in a process ends the simulation. */
  onGap: (error: unknown) => void = error => {
    throw error
  }
  #lastPid = 0
  #bootedAt = 0

  constructor(agenda: Agenda, random: Random, files: Files) {
    this.agenda = agenda
    this.random = random
    this.files = files
    this.boot()
  }

  get uptime(): number {
    return this.agenda.now - this.#bootedAt + 5000
  }

  /** Begins again: no process of before is left, and what was in memory only is gone. */
  boot(): void {
    for (const process of this.processes.values()) {
      process.state = 'ended'
      process.task = null
      process.close()
    }
    this.processes.clear()
    this.#lastPid = this.random.whole(100, 2000)
    this.#bootedAt = this.agenda.now
    this.bootId = `${this.random.whole(1e6, 1e7)}0-0000-4000-8000-000000000000`
    for (const folder of ['/run', '/dev/shm']) {
      this.files.removeTree(folder)
      this.files.makeFolders(folder)
    }
  }

  nextPid(): number {
    this.#lastPid += this.random.whole(1, 3)
    return this.#lastPid
  }

  /** Starts a program as a child of a process, or of init. */
  start(parent: Process | null, name: string, words: readonly string[], program: Program): Process {
    const process = new Process(this, parent, name, words)
    this.processes.set(process.pid, process)
    process.task = program(process)
    this.#schedule(process, this.#nextTurn() + this.holdUp(process))
    return process
  }

  /** Lets a process that waits go on. */
  resume(process: Process): void {
    process.waitsFor = null
    this.#schedule(process, 0)
  }

  /** Bytes of a pipe of its own: its two ends. */
  createPipe(): Pipe {
    return new Pipe()
  }

  send(process: Process, signal: Signal): void {
    if (process.state === 'ended') return
    if (signal === 'CONT') {
      if (process.state !== 'stopped') return
      process.state = 'running'
      const deadly = process.pending.find(one => !process.handled.has(one))
      if (deadly) {
        this.end(process, { code: 128 + NUMBERS[deadly], signal: deadly })
        return
      }
      if (process.due) this.#schedule(process, 0)
      process.due = false
    } else if (signal === 'STOP') process.state = 'stopped'
    else if (signal !== 'KILL' && process.handled.has(signal)) {
      // a signal that is pending already is not pending twice
      if (!process.pending.includes(signal)) process.pending.push(signal)
      if (process.interruptible && process.waitsFor) {
        const { processes } = process.waitsFor
        processes.splice(processes.indexOf(process), 1)
        this.resume(process)
      }
    } else if (signal !== 'KILL' && process.state === 'stopped') {
      process.pending.push(signal) // it ends when it goes on
    } else this.end(process, { code: 128 + NUMBERS[signal], signal })
  }

  /** Ends a process; what it had open is closed, and its children go to init. */
  end(process: Process, status: Status): void {
    if (process.state === 'ended') return
    process.state = 'ended'
    process.status = status
    process.task = null
    if (process.waitsFor) {
      const { processes } = process.waitsFor
      processes.splice(processes.indexOf(process), 1)
      process.waitsFor = null
    }
    process.close()
    for (const child of process.children) {
      child.parent = null
      if (child.state === 'ended') this.processes.delete(child.pid)
    }
    process.children.clear()
    this.onEnd(process)
    if (process.parent) process.parent.childEnded.wake()
    else this.processes.delete(process.pid)
  }

  onEnd: (process: Process) => void = () => {}
  /** A process asks for a reboot. */
  onReboot: () => void = () => {}

  /** Takes an ended child out of the table. */
  reap(process: Process): void {
    this.processes.delete(process.pid)
    process.parent?.children.delete(process)
  }

  #nextTurn(): number {
    return this.pace * (0.5 + this.random.fraction())
  }

  #schedule(process: Process, ms: number): void {
    this.agenda.after(ms, () => this.#step(process))
  }

  #step(process: Process): void {
    if (process.state === 'ended') return
    if (process.state === 'stopped') {
      process.due = true
      return
    }
    this.steps++
    this.onStep()
    // what happened at this step may have ended or stopped it
    if ((process.state as string) === 'ended' || !process.task) return
    if ((process.state as string) === 'stopped') {
      process.due = true
      return
    }
    const deadly = process.pending.find(signal => !process.handled.has(signal))
    if (deadly) {
      this.end(process, { code: 128 + NUMBERS[deadly], signal: deadly })
      return
    }
    if (this.stallNext > 0 && !process.isShell && process.name !== 'sshd') {
      this.#schedule(process, this.stallNext)
      this.stallNext = 0
      return
    }
    this.current = process
    try {
      const { done, value } = process.task.next()
      if ((process.state as string) === 'ended') return
      if (done) this.end(process, { code: value, signal: null })
      else if (typeof value === 'number') this.#schedule(process, value + this.#nextTurn())
      else {
        value.processes.push(process)
        process.waitsFor = value
      }
    } catch (error) {
      this.onGap(error)
    } finally {
      this.current = null
    }
  }
}

/** Reads from a descriptor: at least one byte, or none at the end. */
export function* read(
  process: Process,
  fd: number,
  most: number,
  line = false,
): Generator<Pause, Buffer, void> {
  const open = process.get(fd)
  if (open.is === 'null') return Buffer.alloc(0)
  if (open.is === 'writer') throw new Fault('EBADF')
  if (open.is === 'reader') {
    const { pipe } = open
    while (pipe.size === 0 && pipe.writers > 0) {
      if (process.interruptible && process.pending.length > 0) throw new Interrupted()
      yield pipe.canRead
    }
    return pipe.take(most, line)
  }
  const all = open.is === 'text' ? open.bytes : contentOf(open.node)
  let bytes = all.subarray(open.at, open.at + most)
  const newline = line ? bytes.indexOf(10) : -1
  if (newline >= 0) bytes = bytes.subarray(0, newline + 1)
  open.at += bytes.length
  return bytes
}

/** A handled signal came while a process waited. */
export class Interrupted extends Error {}

/** Bytes that are written to a pipe in one step. */
const PIECE = 32_768

/** Writes all bytes to a descriptor, unless it must wait for that: then false. Throws Fault. */
export const writeNow = (process: Process, fd: number, bytes: Buffer): boolean => {
  const open = process.get(fd)
  if (open.is === 'null') return true
  if (open.is === 'file') {
    const { files } = process.kernel
    if (!open.inPlace) files.append(open.path, open.node, bytes)
    else open.at += files.overwrite(open.path, open.node, open.at, bytes)
    return true
  }
  if (open.is !== 'writer') throw new Fault('EBADF')
  const { pipe } = open
  if (bytes.length > PIECE || pipe.readers === 0 || pipe.isFull) return bytes.length === 0
  pipe.add(bytes)
  return true
}

/** Writes all bytes to a descriptor. Throws Fault. */
export function* write(process: Process, fd: number, bytes: Buffer): Generator<Pause, void, void> {
  if (writeNow(process, fd, bytes)) return
  const open = process.get(fd)
  if (open.is !== 'writer') throw new Fault('EBADF')
  const { pipe } = open
  for (let at = 0; at < bytes.length; ) {
    if (pipe.readers === 0) {
      process.kernel.send(process, 'PIPE')
      if (process.state === 'ended') yield new Waiting() // for ever
      throw new Fault('EPIPE')
    }
    if (pipe.isFull) yield pipe.canWrite
    else {
      pipe.add(bytes.subarray(at, at + PIECE))
      at += PIECE
    }
  }
}

/** Reads a descriptor to its end. */
export function* readAll(process: Process, fd: number): Generator<Pause, Buffer, void> {
  const chunks: Buffer[] = []
  for (;;) {
    const bytes = yield* read(process, fd, 65_536)
    if (bytes.length === 0) return Buffer.concat(chunks)
    chunks.push(bytes)
  }
}
