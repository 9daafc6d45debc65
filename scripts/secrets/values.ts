import { text } from 'node:stream/consumers'
import { InputError } from '../../lib/errors/input-error.ts'
import { askSecret } from '../../lib/report/ask.ts'
import { findScope, sharePattern } from '../../lib/secrets/change-scopes.ts'
import { editStore } from '../../lib/secrets/edit.ts'
import { openSecrets, Scopes } from '../../lib/secrets/scopes.ts'
import { formatScope, formatStore } from './format.ts'
import { openToChange, type SecretsTask } from './task.ts'

/** Sets a secret, and shares it if a scope is named. */
export const setSecret = async ({ where, word: name, scope }: SecretsTask): Promise<string> => {
  const store = await openToChange(where)
  if (scope !== undefined) findScope(store.facts(), scope)
  const value = await askValue(name)
  if (value === '')
    throw new InputError({
      message: 'the value is empty: nothing was changed',
      next: `printf %s VALUE | npx zx scripts/secrets.ts set ${name}`,
    })
  const replaced = store.has(name)
  await store.change(contents => {
    contents.secrets[name] = value
    if (scope !== undefined) sharePattern(contents, scope, name)
  })
  return `${name} ${replaced ? 'replaced' : 'set'}`
}

const askValue = async (name: string) => {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '')
  const otherwise = `printf %s VALUE | npx zx scripts/secrets.ts set ${name}`
  return (await askSecret(`Value of ${name}`, otherwise)).reveal()
}

/** Reads a secret, from the store or from the scopes that the key opens. */
export const viewSecret = async ({ where, word }: SecretsTask): Promise<string> =>
  (await openSecrets(where)).get(word).reveal()

/** Removes a secret. */
export const removeSecret = async ({ where, word }: SecretsTask): Promise<string> => {
  await (await openToChange(where)).remove(word)
  return `${word} removed`
}

/** Opens the secrets, or those of a scope, in the editor. */
export const editSecrets = async ({ where, scope }: SecretsTask): Promise<string> => {
  const { set, removed } = await editStore(await openToChange(where), undefined, scope)
  const changes = [...set.map(name => `set ${name}`), ...removed.map(name => `removed ${name}`)]
  return changes.length > 0 ? changes.join('\n') : 'nothing was changed'
}

/** Lists what the key opens: the store and its scopes, one scope, or the scopes alone. */
export const listSecrets = async ({ where, scope }: SecretsTask): Promise<string> => {
  const opened = await openSecrets(where)
  if (opened instanceof Scopes) {
    const names = scope === undefined ? opened.scopes() : [scope]
    return names.map(name => formatScope(opened, name)).join('\n\n')
  }
  return scope === undefined ? formatStore(opened) : formatScope(opened, scope)
}
