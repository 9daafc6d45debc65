import { addRecipient, removeRecipient, rotateKey } from '../../lib/secrets/recipients.ts'
import { listScopeFiles } from '../../lib/secrets/scope-files.ts'
import { openToChange, type SecretsTask } from './task.ts'

const rotateHint =
  'It still knows what it has read: change the secrets (`edit`), and rotate them in what uses them.'

const describePlace = (scope: string | undefined): string =>
  scope === undefined ? 'store' : `scope ${scope}`

/** Another key opens the store or a scope. */
export const admit = async ({ where, word, scope, name }: SecretsTask): Promise<string> => {
  await addRecipient(await openToChange(where), word, { scope, name })
  return `The ${describePlace(scope)} opens for ${word}. Commit secrets/.`
}

/** A key no longer opens the store or a scope. */
export const exclude = async ({ where, word, scope }: SecretsTask): Promise<string> => {
  const store = await openToChange(where)
  await removeRecipient(store, word, { scope })
  const still = Object.entries(store.facts().scopes ?? {}).flatMap(([other, { recipients }]) =>
    recipients.includes(word) ? [other] : [],
  )
  return (
    `The ${describePlace(scope)} no longer opens for ${word}. ${rotateHint}` +
    (still.length > 0 ? ` It still opens the scope ${still.join(', ')}.` : '')
  )
}

/** The operator has a new key, to which the store and its scopes are encrypted. */
export const renewKey = async ({ where }: SecretsTask): Promise<string> => {
  await openToChange(where)
  const store = await rotateKey(where)
  const scopes = Object.keys(store.facts().scopes ?? {})
  const unknown = (await listScopeFiles(where.path)).filter(name => !scopes.includes(name))
  return [
    `The store opens for ${store.recipient}, your new key. The old one is kept next to it as ` +
      '.previous. Commit secrets/.',
    ...(scopes.length > 0 ? [`Encrypted again: the scope ${scopes.join(', ')}.`] : []),
    ...(unknown.length > 0
      ? [`Not encrypted again, since the store does not know it: the scope ${unknown.join(', ')}.`]
      : []),
  ].join('\n')
}
