import { dirname, join } from 'node:path'
import { isThere } from '../disk/presence.ts'
import { InputError } from '../errors/input-error.ts'
import { readTextFile, shortenPath } from '../errors/read-text.ts'
import { importSource } from '../startup/import-source.ts'
import { refuseAnsible } from './refuse-ansible.ts'
import { makeSource, type Source } from './source.ts'
import { parseYaml } from './yaml.ts'

/**
 * Reads a `.yaml` (or JSON) inventory, or a `.ts` that default-exports one, or a function of the
 * hosts.yaml beside it that returns one.
 */
export const readSource = async (path: string): Promise<Source> => {
  if (!/\.[cm]?[jt]s$/.test(path)) return parseInventorySource(readInventory(path), path)
  const exported: unknown = (await importSource(path)).default
  if (exported === undefined)
    throw new InputError({
      place: shortenPath(path),
      message: 'has no default export',
      next: 'export default { clusters: { … } }',
    })
  if (typeof exported !== 'function') return makeSource(exported, shortenPath(path))
  const beside = join(dirname(path), 'hosts.yaml')
  const base = isThere(beside) ? parseYaml(readTextFile(beside), beside).data : undefined
  return makeSource(await exported(base), shortenPath(path))
}

const readInventory = (path: string): string =>
  readTextFile(path, { next: 'Name the inventory with -i FILE.' })

/** Parses an inventory. Throws an InputError if it is one of Ansible's. */
export const parseInventorySource = (text: string, file: string): Source => {
  refuseAnsible(text, shortenPath(file))
  return parseYaml(text, file)
}
