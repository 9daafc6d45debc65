import { dirname, join, resolve } from 'node:path'
import { isThere } from '../disk/presence.ts'
import { InputError } from '../errors/input-error.ts'

/** The folder that a playbook or a script works in. */
export type Project = {
  /** `.env`, `settings.ts`, `secrets/` and `.runs/` are below it. */
  readonly root: string
  /** Path of its inventory. */
  readonly inventory: string
}

/**
 * Finds the project of a playbook: the nearest folder with hosts.yaml, from this folder upwards.
 * A script passes the working directory. `inventory` is the value of -i: the project stays the
 * nearest one, so that its secrets and settings are used; without one it is the folder of that
 * file. Throws an InputError if there is neither.
 */
export const findProject = (from: string, inventory?: string): Project => {
  const root = findNearestProject(from)
  if (inventory !== undefined)
    return { root: root ?? dirname(resolve(inventory)), inventory: resolve(inventory) }
  if (root !== null) return { root, inventory: join(root, 'hosts.yaml') }
  throw new InputError({
    message: `there is no hosts.yaml in ${from} or in any folder above it`,
    next: 'Create hosts.yaml in the folder of your project, or name an inventory with -i FILE.',
  })
}

/** The nearest folder with hosts.yaml, from this one upwards; null if no folder has it. */
export const findNearestProject = (from: string): string | null => {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (isThere(join(folder, 'hosts.yaml'))) return folder
    if (folder === dirname(folder)) return null
  }
}
