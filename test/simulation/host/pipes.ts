import type { FileNode } from './file-node.ts'

/** Processes that wait until something has happened. */
export class Waiting {
  readonly processes: { resume(): void }[] = []

  wake(): void {
    for (const process of this.processes.splice(0)) process.resume()
  }
}

/** Bytes that a pipe holds before its writer must wait. */
const CAPACITY = 65_536

/** Bytes on their way from writers to readers. */
export class Pipe {
  readonly #chunks: Buffer[] = []
  size = 0
  readers = 0
  writers = 0
  /** How often either end was opened: who opens the other one of a named pipe waits for it. */
  readerOpens = 0
  writerOpens = 0
  readonly opened = new Waiting()
  readonly canRead = new Waiting()
  readonly canWrite = new Waiting()
  /** Takes the bytes instead of a reader: the way off the host. */
  sink: ((bytes: Buffer) => void) | null = null
  /** Hears when the last writer has closed it. */
  onEnd: () => void = () => {}

  get isFull(): boolean {
    return this.sink === null && this.size >= CAPACITY
  }

  add(bytes: Buffer): void {
    if (bytes.length === 0) return
    if (this.sink) {
      this.sink(bytes)
      return
    }
    this.#chunks.push(bytes)
    this.size += bytes.length
    this.canRead.wake()
  }

  /** Takes at most so many bytes; with `line`, none after the first newline. */
  take(most: number, line = false): Buffer {
    const first = this.#chunks[0]
    if (!first) return Buffer.alloc(0)
    const newline = line ? first.indexOf(10) : -1
    const count = Math.min(most, newline < 0 ? first.length : newline + 1)
    if (count === first.length) this.#chunks.shift()
    else this.#chunks[0] = first.subarray(count)
    this.size -= count
    this.canWrite.wake()
    return first.subarray(0, count)
  }
}

/** What a file descriptor stands for. Several descriptors, of several processes, may share one. */
export type Open = { refs: number } & (
  | { readonly is: 'null' }
  | { readonly is: 'text'; readonly bytes: Buffer; at: number }
  | {
      readonly is: 'file'
      readonly path: string
      readonly node: FileNode
      at: number
      /** What is written takes the place of what is there, from `at`. Default: it is added. */
      readonly inPlace?: boolean
    }
  | { readonly is: 'reader'; readonly pipe: Pipe }
  /** `both`: it is opened to be read, too. */
  | { readonly is: 'writer'; readonly pipe: Pipe; readonly both?: true }
)

export const openNull = (): Open => ({ is: 'null', refs: 1 })

export const openReader = (pipe: Pipe): Open => {
  pipe.readers++
  pipe.readerOpens++
  pipe.opened.wake()
  return { is: 'reader', pipe, refs: 1 }
}

export const openWriter = (pipe: Pipe): Open => {
  pipe.writers++
  pipe.writerOpens++
  pipe.opened.wake()
  return { is: 'writer', pipe, refs: 1 }
}

/** Both ends of a named pipe at one time, which waits for nobody. */
export const openBoth = (pipe: Pipe): Open => {
  pipe.readers++
  pipe.readerOpens++
  return { ...openWriter(pipe), is: 'writer', pipe, both: true }
}

/** One descriptor less; the last one closes the end of a pipe. */
export const release = (open: Open): void => {
  if (--open.refs > 0) return
  if (open.is === 'reader' || (open.is === 'writer' && open.both)) {
    open.pipe.readers--
    if (open.pipe.readers === 0) open.pipe.canWrite.wake()
  }
  if (open.is !== 'writer') return
  open.pipe.writers--
  if (open.pipe.writers > 0) return
  open.pipe.canRead.wake()
  open.pipe.onEnd()
}
