/** An environment as files to read: no secret is in them, and none is needed to make them. */
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import { deriveStack } from '../../lib/operations/stack/wanted.ts'
import { renderDashboard } from '../../roles/environment.ts'
import { makeStacks } from './services.ts'

/**
 * The files of an environment by their paths, the same each time: a compose file for each of its
 * stacks, and the configs that these mount.
 */
export const renderEnvironment = async (
  entry: Entry,
  lab: LabState | null,
): Promise<ReadonlyMap<string, string>> =>
  new Map([
    ...(await makeStacks(entry, lab)).flatMap(stack => [
      [`${stack.name}.yml`, deriveStack(stack).file] as const,
      ...Object.entries(stack.configs ?? {}).map(
        ([name, text]) => [`configs/${name}`, text] as const,
      ),
    ]),
    ['dashboard.json', renderDashboard({ name: entry.name, hosts: entry.vars.hosts })],
  ])
