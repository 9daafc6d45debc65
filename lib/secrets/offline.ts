import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { hideSecret, Secret } from '../secret.ts'
import { checkRecipient, createKey } from './key.ts'
import type { StoreContents } from './sealed.ts'

/** A recipient whose key is kept offline (escrow): on paper, in a safe. */
export type OfflineRecipient = { readonly name: string; readonly recipient: string }

/** How many a store needs: one sheet of paper burns. */
const NEEDED = 2

/** Makes a key for an offline recipient. It is in no file: the caller shows it once. */
export const makeOffline = async (
  name: string,
): Promise<{ readonly made: OfflineRecipient; readonly key: Secret }> => {
  const { identities, recipient } = await createKey(name)
  return { made: { name, recipient }, key: hideSecret(new Secret(identities[0]!, name)) }
}

/**
 * Refuses fewer than two offline recipients, and two that are one. Null means a key that is
 * yet to be made.
 */
export const requireOffline = async (
  given: readonly { readonly name: string; readonly recipient: string | null }[],
): Promise<void> => {
  const known = given.flatMap(({ recipient }) => recipient ?? [])
  for (const recipient of known) await checkRecipient(recipient)
  const isTwice =
    new Set(known).size < known.length || new Set(given.map(({ name }) => name)).size < given.length
  if (given.length >= NEEDED && !isTwice) return
  throw new InputError({
    message:
      'a store needs two offline recipients (escrow), which open it if all other keys are lost; ' +
      (isTwice ? 'one was given twice' : `${given.length} given`),
    next:
      'Give --escrow NAME=age1… twice, with public keys that were made elsewhere (age-keygen); ' +
      '--escrow NAME makes one and prints its key once. Or --without-escrow.',
  })
}

/** Adds an offline recipient to the contents of a store. */
export const addOffline = (
  contents: StoreContents,
  { name, recipient }: OfflineRecipient,
): void => {
  contents.holders ??= {}
  if (Object.values(contents.holders).some(holder => holder.name === name))
    throw new InputError({
      message: `there is a recipient named ${name}`,
      next: 'Choose another name.',
    })
  if (contents.recipients.includes(recipient))
    throw new InputError({
      message: `${recipient} opens the store already`,
      next: 'Give a key that nobody works with.',
    })
  contents.recipients.push(recipient)
  contents.holders[recipient] = { name, offline: true }
}

/** Counts the offline recipients. */
export const countOffline = ({
  recipients,
  holders = {},
}: Pick<StoreContents, 'recipients' | 'holders'>): number =>
  recipients.filter(recipient => holders[recipient]?.offline).length

/** Records that an offline key was used on a day (`2026-10-02`): age itself cannot know. */
export const recordUse = (contents: StoreContents, name: string, day: string): void => {
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || new Date(`${day}T00:00Z`).toJSON()?.slice(0, 10) !== day)
    throw new InputError({ message: `"${day}" is not a day`, next: 'Write it as 2026-10-02.' })
  const offline = Object.values(contents.holders ?? {}).filter(holder => holder.offline)
  const holder = offline.find(one => one.name === name)
  const names = offline.map(one => one.name)
  if (holder === undefined)
    throw new InputError({
      message: `there is no offline recipient ${name}${formatSuggestion(name, names)}`,
      next: 'See who there is: npx zx scripts/secrets.ts list',
    })
  holder.used = [...new Set([...(holder.used ?? []), day])].sort()
}

/** Refuses to leave a store with fewer than two, if it has them. */
export const keepOffline = (contents: StoreContents, recipient: string): void => {
  if (contents.holders?.[recipient]?.offline && countOffline(contents) <= NEEDED)
    throw new InputError({
      message: `${contents.holders[recipient].name} is one of the last two offline recipients`,
      next: 'First add another: npx zx scripts/secrets.ts add-escrow NAME',
    })
}
