import { ModelGap } from '../shell/gap.ts'
import { contentOf, type FileNode, makeFile, textOf } from './file-node.ts'
import type { Pipe } from './pipes.ts'

/** A failed call, as errno says it. Thrown often, and nobody looks at where: it has no stack. */
export class Fault {
  readonly code: keyof typeof MESSAGES
  constructor(code: keyof typeof MESSAGES) {
    this.code = code
  }
  get message(): string {
    return MESSAGES[this.code]
  }
  toString(): string {
    return this.message
  }
}

const MESSAGES = {
  ENOENT: 'No such file or directory',
  EEXIST: 'File exists',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  ENOSPC: 'No space left on device',
  ENOTEMPTY: 'Directory not empty',
  EBADF: 'Bad file descriptor',
  EPIPE: 'Broken pipe',
  EROFS: 'Read-only file system',
  ELOOP: 'Too many levels of symbolic links',
} as const

export type Entry =
  | FileNode
  | { readonly is: 'folder' }
  | { readonly is: 'link'; readonly to: string }
  | { readonly is: 'fifo'; readonly pipe: Pipe }

/** What hears of each change to the files, once it is made. */
export type FileWatch = (change: 'open' | 'write' | 'place' | 'remove', path: string) => void

/** The files of a host. Those below /proc are made when they are read. */
export class Files {
  readonly #entries = new Map<string, Entry>([['/', { is: 'folder' }]])
  /** Bytes that are free below each of these paths. */
  readonly space = new Map<string, number>()
  watch: FileWatch = () => {}

  /** Makes a folder and those above it. */
  makeFolders(path: string): void {
    const parts = path.split('/').filter(Boolean)
    for (let i = 1; i <= parts.length; i++) {
      const at = `/${parts.slice(0, i).join('/')}`
      const entry = this.#entries.get(at)
      if (entry && entry.is !== 'folder') throw new Fault('ENOTDIR')
      if (entry) continue
      this.#entries.set(at, { is: 'folder' })
      this.watch('place', at)
    }
  }

  get(path: string): Entry | undefined {
    return this.#entries.get(path)
  }

  /** The paths directly in a folder, sorted. */
  list(folder: string): string[] {
    const start = folder === '/' ? '/' : `${folder}/`
    const found: string[] = []
    for (const path of this.#entries.keys())
      if (path.startsWith(start) && path !== folder && !path.includes('/', start.length))
        found.push(path)
    return found.sort()
  }

  /** All paths below a folder, sorted. */
  listAll(folder: string): string[] {
    return [...this.#entries.keys()].filter(path => path.startsWith(`${folder}/`)).sort()
  }

  read(path: string): string | null {
    const entry = this.#entries.get(path)
    return entry?.is === 'file' ? textOf(entry) : null
  }

  /** What a link says; null where there is none. */
  readLink(path: string): string | null {
    const entry = this.#entries.get(path)
    return entry?.is === 'link' ? entry.to : null
  }

  /** Puts a file there, whole, without any process of the host. */
  put(path: string, text: string): void {
    this.makeFolders(folderOf(path))
    this.#entries.set(path, makeFile(Buffer.from(text, 'latin1')))
    this.watch('place', path)
  }

  /** Opens a file to be written; `cut` empties it. */
  openToWrite(path: string, cut: boolean): FileNode {
    const entry = this.#entries.get(path)
    if (entry?.is === 'folder') throw new Fault('EISDIR')
    if (entry?.is === 'link' || entry?.is === 'fifo')
      throw new ModelGap(`a link that is written through (${path})`)
    if (this.#entries.get(folderOf(path))?.is !== 'folder') throw new Fault('ENOENT')
    if (!entry && this.#free(path) <= 0) throw new Fault('ENOSPC')
    const file: FileNode = entry ?? makeFile()
    if (!entry) this.#entries.set(path, file)
    else if (cut) {
      this.#give(path, file.size)
      file.chunks = []
      file.size = 0
    }
    this.watch('open', path)
    return file
  }

  /** Adds bytes; as many as there is space for, and then the fault. */
  append(path: string, file: FileNode, bytes: Buffer): void {
    const fits = Math.min(bytes.length, Math.max(0, this.#free(path)))
    if (fits > 0) {
      file.chunks.push(bytes.subarray(0, fits))
      file.size += fits
      this.#give(path, -fits)
      this.watch('write', path)
    }
    if (fits < bytes.length) throw new Fault('ENOSPC')
  }

  /** Writes bytes over those at a place, and says how many; growth needs space, as in `append`. */
  overwrite(path: string, file: FileNode, at: number, bytes: Buffer): number {
    const lacks = Math.max(0, at + bytes.length - file.size - Math.max(0, this.#free(path)))
    const written = bytes.subarray(0, Math.max(0, bytes.length - lacks))
    const before = contentOf(file)
    const after = [before.subarray(0, at), written, before.subarray(at + written.length)]
    file.chunks = [Buffer.concat(after)]
    this.#give(path, file.size - (file.chunks[0]?.length ?? 0))
    file.size = file.chunks[0]?.length ?? 0
    this.watch('write', path)
    if (lacks > 0) throw new Fault('ENOSPC')
    return written.length
  }

  makeFolder(path: string): void {
    if (this.#entries.has(path)) throw new Fault('EEXIST')
    if (this.#entries.get(folderOf(path))?.is !== 'folder') throw new Fault('ENOENT')
    if (this.#free(path) <= 0) throw new Fault('ENOSPC')
    this.#entries.set(path, { is: 'folder' })
    this.watch('place', path)
  }

  makeFifo(path: string, pipe: Pipe): void {
    if (this.#entries.has(path)) throw new Fault('EEXIST')
    if (this.#entries.get(folderOf(path))?.is !== 'folder') throw new Fault('ENOENT')
    this.#entries.set(path, { is: 'fifo', pipe })
  }

  makeLink(to: string, path: string): void {
    if (this.#entries.has(path)) throw new Fault('EEXIST')
    if (this.#entries.get(folderOf(path))?.is !== 'folder') throw new Fault('ENOENT')
    this.#entries.set(path, { is: 'link', to })
    this.watch('place', path)
  }

  rename(from: string, to: string): void {
    const entry = this.#entries.get(from)
    if (!entry) throw new Fault('ENOENT')
    if (entry.is === 'folder') throw new ModelGap(`a folder that is renamed (${from})`)
    const target = this.#entries.get(to)
    if (target?.is === 'folder') throw new Fault('EISDIR')
    if (this.#entries.get(folderOf(to))?.is !== 'folder') throw new Fault('ENOENT')
    if (target?.is === 'file') this.#give(to, target.size)
    this.#entries.delete(from)
    this.#entries.set(to, entry)
    this.watch('place', to)
  }

  /** Removes a file or a link. */
  remove(path: string): void {
    const entry = this.#entries.get(path)
    if (!entry) throw new Fault('ENOENT')
    if (entry.is === 'folder') throw new Fault('EISDIR')
    if (entry.is === 'file') this.#give(path, entry.size)
    this.#entries.delete(path)
    this.watch('remove', path)
  }

  /** Removes a folder with all that is in it. */
  removeTree(path: string): void {
    for (const below of [...this.listAll(path), path])
      if (this.#entries.has(below)) {
        const entry = this.#entries.get(below)
        if (entry?.is === 'file') this.#give(below, entry.size)
        this.#entries.delete(below)
        this.watch('remove', below)
      }
  }

  #free(path: string): number {
    for (const [root, free] of this.space) if (path.startsWith(root)) return free
    return Number.POSITIVE_INFINITY
  }

  #give(path: string, bytes: number): void {
    for (const [root, free] of this.space)
      if (path.startsWith(root)) this.space.set(root, free + bytes)
  }
}

export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'
