import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { createKey, findKeyFile, loadAge, readKey, writeKey } from './key.ts'
import { openStore, type Store, type StoreLocation } from './store.ts'

/** That recipient can open the store, from the next commit on. */
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
 * That recipient cannot open what is written from now on. What it has read it still knows: the
 * values must be changed too.
 */
export const removeRecipient = async (store: Store, recipient: string): Promise<void> => {
  if (!store.recipients().includes(recipient)) {
    throw new InputError({
      place: store.path,
      message: `${recipient} is no recipient${formatSuggestion(recipient, store.recipients())}`,
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
 * The store opens for a new key in place of ours; the old one is in `FILE.previous`. An
 * interruption leaves a key file that opens the store; done
 * again after one, it replaces whichever of that file's keys the store knows.
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
