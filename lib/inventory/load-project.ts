import { join, relative } from 'node:path'
import type { z } from 'zod'
import { isThere } from '../disk/presence.ts'
import { InputError } from '../errors/input-error.ts'
import type { Declaration } from '../settings.ts'
import { importSource } from '../startup/import-source.ts'
import type { Extra } from './extra-vars.ts'
import type { Inventory } from './inventory.ts'
import type { LabState } from './lab-state.ts'
import type { VarTree } from './layers.ts'
import { loadInventory } from './load.ts'
import { makeLabOverlay } from './overlay.ts'
import type { Project } from './project.ts'
import { makeSchema } from './schema.ts'

/** What a project's settings.ts may export. */
export type SettingsModule = {
  /** The settings of its roles. */
  readonly settings: readonly Declaration[]
  /** Its free variables, if only these may be set. */
  readonly vars?: z.ZodObject
  /** Settings that `--lab` lays over hosts.yaml. Null takes a value away. */
  readonly inLab?: (lab: LabState) => VarTree
}

/** Loads a project's inventory, with the settings of its settings.ts, -e, and the lab over it. */
export const loadProject = async (
  { root, inventory }: Project,
  { lab = null, extra }: { lab?: LabState | null; extra?: readonly Extra[] | undefined } = {},
): Promise<Inventory> => {
  const { settings, vars, inLab } = await readSettings(root)
  const overlay = lab ? makeLabOverlay(lab, inLab?.(lab)) : undefined
  return loadInventory(inventory, { schema: makeSchema(settings, vars), overlay, extra })
}

/** The settings of a project's roles; none if it has no settings.ts. */
export const readSettings = async (root: string): Promise<SettingsModule> => {
  const path = join(root, 'settings.ts')
  if (!isThere(path)) return { settings: [] }
  const found: Partial<SettingsModule> = await importSource(path)
  if (!Array.isArray(found.settings))
    throw new InputError({
      place: relative(process.cwd(), path),
      message: 'does not export the settings of the roles',
      next: 'export const settings = [traefikSettings, …] as const',
    })
  return { ...found, settings: found.settings }
}
