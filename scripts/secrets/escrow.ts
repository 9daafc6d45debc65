import { existsSync } from 'node:fs'
import { InputError } from '../../lib/errors/input-error.ts'
import { askText, canAsk } from '../../lib/report/ask.ts'
import { printExactly } from '../../lib/report/print.ts'
import { checkRecipient } from '../../lib/secrets/key.ts'
import {
  addOffline,
  countOffline,
  makeOffline,
  type OfflineRecipient,
  recordUse,
  requireOffline,
} from '../../lib/secrets/offline.ts'
import { initStore } from '../../lib/secrets/store.ts'
import { openToChange, type SecretsTask } from './task.ts'

/** Creates what is missing: the operator's key, and a store with two offline recipients. */
export const init = async (task: SecretsTask): Promise<string> => {
  const { where, lab, escrow = [], 'without-escrow': without } = task
  const isThere = existsSync(where.path)
  if (isThere && escrow.length > 0)
    throw new InputError({
      place: where.path,
      message: 'the store is there already',
      next: 'Add an offline recipient: npx zx scripts/secrets.ts add-escrow NAME',
    })
  const needed = !isThere && !lab && !without
  const given = needed && escrow.length < 2 && canAsk() ? await askOffline(escrow) : escrow
  const wanted = given.map(parseOffline)
  if (needed) await requireOffline(wanted)
  const offline: OfflineRecipient[] = []
  for (const one of wanted) offline.push(await completeOffline(one))
  const store = await initStore(where, offline)
  return (
    `The store ${where.path} opens for ${store.recipient}` +
    (lab || countOffline(store.facts()) >= 2
      ? ''
      : '\nIf that key is lost, so are the secrets. Add two offline recipients: ' +
        'npx zx scripts/secrets.ts add-escrow NAME')
  )
}

type Wanted = { readonly name: string; readonly recipient: string | null }

const parseOffline = (text: string): Wanted => {
  const [name = '', ...rest] = text.split('=')
  if (!/^[A-Za-z\d][\w .-]*$/.test(name))
    throw new InputError({
      message: '--escrow begins with a name',
      next: 'For example --escrow paper=age1…, or --escrow paper.',
    })
  return { name, recipient: rest.length > 0 ? rest.join('=') : null }
}

/** Asks for what is missing of the two. */
const askOffline = async (given: readonly string[]): Promise<string[]> => {
  const all = [...given]
  for (const number of ['first', 'second'].slice(given.length)) {
    const name = await askText(
      `Name of the ${number} offline recipient, such as paper or safe`,
      'Give --escrow NAME=age1… twice, or --without-escrow.',
    )
    const recipient = await askText(
      `Its public key (age1…); leave it empty to have a key made and shown once`,
      'Give --escrow NAME=age1… twice, or --without-escrow.',
    )
    all.push(recipient.trim() === '' ? name.trim() : `${name.trim()}=${recipient.trim()}`)
  }
  return all
}

/** Makes the key that is missing and shows it, before anything is encrypted to it. */
const completeOffline = async ({ name, recipient }: Wanted): Promise<OfflineRecipient> => {
  if (recipient !== null) {
    await checkRecipient(recipient)
    return { name, recipient }
  }
  const { made, key } = await makeOffline(name)
  printExactly(
    `The key of the offline recipient ${name}, shown once and stored nowhere.\n` +
      `Write it down now:\n${key.reveal()}\nIts public key: ${made.recipient}\n`,
  )
  return made
}

/** Adds an offline recipient to the store and all its scopes. */
export const addEscrow = async (task: SecretsTask): Promise<string> => {
  const store = await openToChange(task.where)
  const { name } = parseOffline(task.word)
  const one = await completeOffline({ name, recipient: task.public ?? null })
  await store.change(contents => addOffline(contents, one))
  return `The store and its scopes open for ${name}, ${one.recipient}. Commit secrets/.`
}

/** Records that an offline key was used: age itself cannot know. */
export const noteEscrowUse = async ({ where, word, on }: SecretsTask): Promise<string> => {
  const day = on ?? new Date().toISOString().slice(0, 10)
  await (await openToChange(where)).change(contents => recordUse(contents, word, day))
  return `The key of ${word} was used on ${day}. Commit secrets/.`
}
