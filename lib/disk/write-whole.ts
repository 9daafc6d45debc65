import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What a file is to hold: a text, bytes, or a function that writes them. */
export type Content = string | Uint8Array | ((file: FileHandle) => Promise<void>)

/**
 * The file has exactly this content and mode, on disk: a crash at any moment leaves the old one or
 * the new one, whole. Folders that are missing are made, for their owner only.
 */
export const writeWhole = async (path: string, content: Content, mode: number): Promise<void> => {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const partial = `${path}.${randomUUID()}.partial`
  try {
    await synced(partial, 'wx', mode, async file => {
      await file.chmod(mode) // whatever the umask is
      await (typeof content === 'function' ? content(file) : file.writeFile(content))
    })
    await rename(partial, path)
  } finally {
    await rm(partial, { force: true })
  }
  await synced(folder, 'r', mode)
}

const synced = async (
  path: string,
  flags: string,
  mode: number,
  write?: (file: FileHandle) => Promise<void>,
) => {
  const file = await open(path, flags, mode)
  try {
    await write?.(file)
    await file.sync()
  } finally {
    await file.close()
  }
}
