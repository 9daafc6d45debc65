import { InputError } from '../../lib/errors/input-error.ts'
import {
  addScope,
  removeScope,
  sharePattern,
  unsharePattern,
} from '../../lib/secrets/change-scopes.ts'
import type { StoreContents } from '../../lib/secrets/sealed.ts'
import { openToChange, type SecretsTask } from './task.ts'

const change = async (
  { where, word, scope }: SecretsTask,
  edit: (contents: StoreContents, scope: string, word: string) => void,
): Promise<void> => {
  if (scope === undefined)
    throw new InputError({
      message: 'the scope is missing',
      next: 'Name it with --scope NAME.',
    })
  await (await openToChange(where)).change(contents => edit(contents, scope, word))
}

const changeScope = async (
  { where, word }: SecretsTask,
  edit: (contents: StoreContents, scope: string) => void,
): Promise<void> => (await openToChange(where)).change(contents => edit(contents, word))

/** Adds a scope. */
export const createScope = async (task: SecretsTask): Promise<string> => {
  await changeScope(task, addScope)
  return (
    `The scope ${task.word} is there. Next: share NAME --scope ${task.word}, ` +
    `and add-recipient age1… --scope ${task.word}.`
  )
}

/** Removes a scope and its files. */
export const deleteScope = async (task: SecretsTask): Promise<string> => {
  await changeScope(task, removeScope)
  return `The scope ${task.word} is removed. Its recipients still know what they have read.`
}

/** The scope gets a copy of these secrets. */
export const share = async (task: SecretsTask): Promise<string> => {
  await change(task, sharePattern)
  return `${task.word} is shared with the scope ${task.scope}.`
}

/** The scope loses its copy of these secrets. */
export const unshare = async (task: SecretsTask): Promise<string> => {
  await change(task, unsharePattern)
  return (
    `${task.word} is no longer shared with the scope ${task.scope}. ` +
    'Its recipients still know it.'
  )
}

/** Writes every scope that is not what the store says. */
export const writeScopes = async ({ where }: SecretsTask): Promise<string> => {
  const store = await openToChange(where)
  await store.change(() => {})
  const names = Object.keys(store.facts().scopes ?? {})
  return names.length > 0 ? `as the store says: ${names.join(', ')}` : 'the store has no scopes'
}

/** Says what is not as it must be, and fails then. */
export const verify = async ({ where }: SecretsTask): Promise<string> => {
  const found = await (await openToChange(where)).verify()
  if (found.length > 0) throw new InputError(found.map(message => ({ message })))
  return 'The store and its scopes are as they must be.'
}
