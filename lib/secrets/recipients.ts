import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { createKey, findKeyFile, loadAge, readKey, writeKey } from './key.ts'
import { openStore, type Store, type StoreLocation } from './store.ts'

/** Lets a recipient open the store, from the next commit on. */
export const addRecipient = async (store: Store, recipient: string): Promise<void> => {
  const { Encrypter } = await loadAge()
  try {
    new Encrypter().addRecipient(recipient)
  } catch (cause) {
    throw new InputError(
      {
        message: `"${recipient}" is not an age recipient (age1…)`,
        next: 'Ask for the line that `npx zx scripts/secrets.ts init` prints.',
      },
      { cause },
    )
  }
  await store.change(contents => {
    if (!contents.recipients.includes(recipient)) contents.recipients.push(recipient)
  })
}

/**
 * Removes a recipient, who cannot open what is written from now on. It still knows what it has
 * read: the values must be changed too.
 */
export const removeRecipient = async (store: Store, recipient: string): Promise<void> => {
  if (!store.recipients().includes(recipient)) {
    throw new InputError({
      place: store.path,
      message: `${recipient} is not a recipient${formatSuggestion(recipient, store.recipients())}`,
    })
  }
  if (recipient === store.recipient)
    throw new InputError({
      message: 'that is your own key',
      next: 'Let another recipient remove it.',
    })
  await store.change(contents => {
    contents.recipients = contents.recipients.filter(other => other !== recipient)
  })
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
    contents.recipients = [
      ...contents.recipients.filter(recipient => !ours.includes(recipient)),
      fresh.recipient,
    ]
  })
  await writeKey(fresh)
  return store
}
