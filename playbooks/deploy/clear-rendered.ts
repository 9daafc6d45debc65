import { readdir, rm } from 'node:fs/promises'
import { InputError } from '../../lib/errors/input-error.ts'

/** What `renderEnvironment` writes. */
const rendered = /^(.+\.yml|configs|dashboard\.json)$/

/**
 * Removes what an earlier rendering left in a folder. Throws an InputError if the folder holds
 * anything else: with `--out .` an environment may have the name of somebody's own folder.
 */
export const clearRendered = async (folder: string): Promise<void> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const other = names.find(name => !rendered.test(name))
  const isOurs = names.length === 0 || names.includes('dashboard.json')
  if (other !== undefined || !isOurs)
    throw new InputError({
      place: folder,
      message: `holds ${other ?? names[0]}, which is not of a rendering: nothing is removed`,
      next: 'Name another folder with --out FOLDER, or empty this one.',
    })
  await rm(folder, { recursive: true, force: true })
}
