import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * The file has exactly this content, on disk: a crash at any moment leaves the old one or the new
 * one, whole.
 */
export const writeWhole = async (path: string, content: string, mode: number): Promise<void> => {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const partial = `${path}.${randomUUID()}.partial`
  try {
    await synced(partial, 'wx', mode, file => file.writeFile(content))
    await rename(partial, path)
  } finally {
    await rm(partial, { force: true })
  }
  await synced(folder, 'r', mode)
}

type File = Awaited<ReturnType<typeof open>>
const synced = async (
  path: string,
  flags: string,
  mode: number,
  write?: (file: File) => Promise<void>,
) => {
  const file = await open(path, flags, mode)
  try {
    await write?.(file)
    await file.sync()
  } finally {
    await file.close()
  }
}
