/** An environment as files to read: no secret is in them, and none is needed to make them. */
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import type { LabState } from '../../lib/lab/state.ts'
import { wanted } from '../../lib/operations/stack/wanted.ts'
import { Secret } from '../../lib/secret.ts'
import { appStack, dataStack } from '../../roles/environment.ts'
import { optionsOf } from './environment.ts'

/** Stands for all secrets: their names on the cluster end in twelve zeros here, and in a keyed hash there. */
const nobody = {
  secret: async (name: string): Promise<Secret> => new Secret('', name),
  hmac: (): string => '0'.repeat(64),
}

/** The files of an environment by their paths, the same each time: a compose file for each of its stacks, and the configs that these mount. */
export const rendered = async (entry: Entry, lab: LabState | null): Promise<ReadonlyMap<string, string>> => {
  const env = await optionsOf(entry, nobody, lab)
  const stacks = [dataStack(env), appStack(env)]
  return new Map(
    stacks.flatMap(stack => [
      [`${stack.name}.yml`, wanted(stack).file] as const,
      ...Object.entries(stack.configs ?? {}).map(([name, text]) => [`configs/${name}`, text] as const),
    ]),
  )
}
