/** The services of an environment and the stacks that they are in. */
import { InputError } from '../../lib/errors/input-error.ts'
import { formatSuggestion } from '../../lib/errors/suggest.ts'
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import { Secret } from '../../lib/secret.ts'
import { makeAppStack, makeDataStack } from '../../roles/environment.ts'
import { readEnvironmentOptions } from './environment.ts'

/**
 * Stands for all secrets: their names on the cluster end in twelve zeros here, and in a keyed hash
 * there.
 */
const nobody = {
  // A key of the kind that manifests are signed with, since one is made of it.
  secret: async (name: string): Promise<Secret> => new Secret('0'.repeat(64), name),
  find: async (): Promise<null> => null,
  hmac: (): string => '0'.repeat(64),
}

/** The stacks of an environment, without a secret: to be read, not to be deployed. */
export const makeStacks = async (entry: Entry, lab: LabState | null) => {
  const env = await readEnvironmentOptions(entry, nobody, lab)
  return [makeDataStack(env), makeAppStack(env)] as const
}

/** A service of an environment. */
export type FoundService = { readonly stack: string; readonly name: string; readonly full: string }

/** The service of that name. One that is not there is an InputError that names the nearest. */
export const findService = async (
  entry: Entry,
  lab: LabState | null,
  name: string | undefined,
): Promise<FoundService> => {
  const all = (await makeStacks(entry, lab)).flatMap(({ name: stack, compose }) =>
    Object.keys(compose.services).map(service => ({
      stack,
      name: service,
      full: `${stack}_${service}`,
    })),
  )
  const names = all.map(({ name }) => name)
  const found = all.find(service => service.name === name)
  if (found) return found
  throw new InputError({
    place: name ?? 'a service',
    message:
      name === undefined
        ? 'must be named'
        : `${entry.name} has no such service${formatSuggestion(name, names)}`,
    next: `There are: ${names.join(', ')}.`,
  })
}
