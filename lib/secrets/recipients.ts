import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { findScope } from './change-scopes.ts'
import { checkRecipient, createKey, findKeyFile, loadAge, readKey, writeKey } from './key.ts'
import { keepOffline } from './offline.ts'
import type { StoreContents } from './sealed.ts'
import { openStore, type Store, type StoreLocation } from './store.ts'

/** Which file a recipient is given or loses, and what it is called. */
export type RecipientOptions = {
  /** A scope. Default: the store, and with it all scopes. */
  readonly scope?: string | undefined
  /** Its name for people. Default: none. */
  readonly name?: string | undefined
}

/** Lets a recipient open the store, or one scope alone, from the next commit on. */
export const addRecipient = async (
  store: Store,
  recipient: string,
  { scope, name }: RecipientOptions = {},
): Promise<void> => {
  await checkRecipient(recipient)
  await store.change(contents => {
    const list = scope === undefined ? contents : findScope(contents, scope)
    if (!list.recipients.includes(recipient)) list.recipients.push(recipient)
    if (name !== undefined)
      contents.holders = {
        ...contents.holders,
        [recipient]: { ...contents.holders?.[recipient], name },
      }
  })
}

/**
 * Removes a recipient, who cannot open what is written from now on. It still knows what it has
 * read: the values must be changed too.
 */
export const removeRecipient = async (
  store: Store,
  recipient: string,
  { scope }: Pick<RecipientOptions, 'scope'> = {},
): Promise<void> => {
  if (scope === undefined && recipient === store.recipient)
    throw new InputError({
      message: 'that is your own key',
      next: 'Let another recipient remove it.',
    })
  await store.change(contents => {
    const list = scope === undefined ? contents : findScope(contents, scope)
    if (!list.recipients.includes(recipient)) throw refuseUnknown(store, recipient, scope, list)
    if (scope === undefined) keepOffline(contents, recipient)
    list.recipients = list.recipients.filter(other => other !== recipient)
    forgetHolder(contents, recipient)
  })
}

const refuseUnknown = (
  store: Store,
  recipient: string,
  scope: string | undefined,
  { recipients }: { readonly recipients: readonly string[] },
) =>
  new InputError({
    place: scope === undefined ? store.path : `scope ${scope}`,
    message:
      `${recipient} is not a recipient${formatSuggestion(recipient, recipients)}` +
      (scope !== undefined && store.recipients().includes(recipient)
        ? ' of the scope alone: it opens the store'
        : ''),
  })

/** What is known of a recipient goes with its last place. */
const forgetHolder = (contents: StoreContents, recipient: string) => {
  const lists = [contents, ...Object.values(contents.scopes ?? {})]
  if (!lists.some(({ recipients }) => recipients.includes(recipient)))
    delete contents.holders?.[recipient]
}

/**
 * Replaces the operator's key with a new one and keeps the old one in `FILE.previous`. After an
 * interruption the key file still opens the store, and another call finishes the rotation: it
 * replaces whichever of the file's keys the store knows.
 */
export const rotateKey = async ({
  path,
  key: file = findKeyFile(),
}: StoreLocation): Promise<Store> => {
  await openStore({ path, key: file })
  const old = await readKey(file)
  const fresh = await createKey(file)
  const { identityToRecipient } = await loadAge()
  const ours = await Promise.all(old.identities.map(identity => identityToRecipient(identity)))
  await writeKey({ ...old, path: `${file}.previous` })
  await writeKey({ ...fresh, identities: [...fresh.identities, ...old.identities] })
  const store = await openStore({ path, key: file })
  await store.change(contents => {
    for (const list of [contents, ...Object.values(contents.scopes ?? {})])
      if (list === contents || list.recipients.some(recipient => ours.includes(recipient)))
        list.recipients = [
          ...list.recipients.filter(recipient => !ours.includes(recipient)),
          fresh.recipient,
        ]
    renameHolder(contents, ours, fresh.recipient)
  })
  await writeKey(fresh)
  return store
}

const renameHolder = (contents: StoreContents, ours: readonly string[], fresh: string) => {
  for (const recipient of ours) {
    const holder = contents.holders?.[recipient]
    if (holder) contents.holders = { ...contents.holders, [fresh]: holder }
    delete contents.holders?.[recipient]
  }
}
