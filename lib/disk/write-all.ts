import { randomUUID } from 'node:crypto'
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import * as z from 'zod'
import { InputError } from '../errors/input-error.ts'
import { writeWhole } from './write-whole.ts'

/** What a file is to hold. */
export type FileChange = {
  readonly path: string
  /** Null: there is to be no such file. */
  readonly content: string | null
  readonly mode: number
}

/** The steps on the disk, each durable when it returns. Tests let one of them fail. */
export type DiskSteps = {
  readonly write: (path: string, content: string, mode: number) => Promise<void>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly remove: (path: string) => Promise<void>
}

const entries = z.array(z.strictObject({ path: z.string(), from: z.string().nullable() }))

/**
 * All files have their content, or none: the new ones are written beside the old ones, then a
 * journal that lists them, and only then they take their places. After a crash `finishWriting`
 * completes what the journal lists. The caller holds a lock on all files.
 */
export const writeAll = async (
  journal: string,
  files: readonly FileChange[],
  disk: DiskSteps = onDisk,
): Promise<void> => {
  const [base, id] = [dirname(journal), randomUUID()]
  for (const { path } of files) await removeLeftovers(path)
  const listed = files.map(({ path, content }) => ({
    path: relative(base, path),
    from: content === null ? null : `${relative(base, path)}.${id}.new`,
  }))
  try {
    for (const [i, { content, mode }] of files.entries())
      if (content !== null) await disk.write(join(base, listed[i]!.from!), content, mode)
    await disk.write(journal, JSON.stringify(listed), 0o600)
  } catch (error) {
    await takeBack(journal, files, disk).catch(() => {})
    throw error
  }
  await finishWriting(journal, disk)
}

/** The journal goes first: one that lists files which are gone would put only some in place. */
const takeBack = async (journal: string, files: readonly FileChange[], { remove }: DiskSteps) => {
  await remove(journal)
  for (const { path } of files) await removeLeftovers(path, remove)
}

/** Completes what a crash interrupted. Without a journal there is nothing to do. */
export const finishWriting = async (journal: string, disk: DiskSteps = onDisk): Promise<void> => {
  const text = await readFile(journal, 'utf8').catch(ignoreAbsent)
  if (text === undefined) return
  for (const { path, from } of parseJournal(journal, text)) {
    const to = join(dirname(journal), path)
    if (from === null) await disk.remove(to)
    else await disk.rename(join(dirname(journal), from), to).catch(ignoreAbsent)
  }
  await disk.remove(journal)
}

const parseJournal = (journal: string, text: string) => {
  try {
    return entries.parse(JSON.parse(text))
  } catch (cause) {
    throw new InputError(
      {
        place: journal,
        message: 'is not a journal of files that are being written',
        next: 'Remove it, then compare the files with those of the last commit.',
      },
      { cause },
    )
  }
}

const ignoreAbsent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error
}

/** Removes what a process that died before its journal has left beside a file. */
const removeLeftovers = async (path: string, remove = onDisk.remove): Promise<void> => {
  const names = (await readdir(dirname(path)).catch(ignoreAbsent)) ?? []
  for (const name of names)
    if (name.startsWith(`${basename(path)}.`) && /\.[\da-f-]{36}\.(new|partial)$/.test(name))
      await remove(join(dirname(path), name))
}

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
}

const onDisk: DiskSteps = {
  write: writeWhole,
  rename: async (from, to) => {
    await rename(from, to)
    await syncFolder(to)
  },
  remove: async path => {
    await rm(path, { force: true })
    await syncFolder(path).catch(ignoreAbsent)
  },
}
