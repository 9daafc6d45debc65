/** The words of --secret for an environment, and what they mean. */
import { InputError } from '../../lib/errors/input-error.ts'
import { formatSuggestion } from '../../lib/errors/suggest.ts'
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import { generatePassword } from '../../lib/secrets/password.ts'
import { type HeldName, SPOKEN } from '../../roles/environment.ts'
import { generator, keyNames, storeName } from '../deploy/secrets.ts'

/** A secret, or two that go together, to be rotated. */
export type Chosen = {
  readonly word: string
  /** Its names in the store, which go over together. */
  readonly names: readonly string[]
  /** Makes the next value up; null: its owner gives it. */
  readonly generate: (() => string) | null
  readonly held?: HeldName
}

/**
 * What is meant by `database`, `s3`, `app:NAME`. An unknown word is an InputError that names the
 * nearest.
 */
export const chosenOf = (entry: Entry, word: string, generate: boolean): Chosen => {
  const { accessKey, secretKey } = keyNames(entry)
  if (word === 's3') return { word, names: [accessKey, secretKey], generate: null }
  const own = entry.vars.app.secrets.map(name => `app:${name}`)
  if (own.includes(word))
    return {
      word,
      names: [`${entry.name}/${word.slice(4)}`],
      generate: generate ? generatePassword : null,
    }
  const held = (Object.keys(SPOKEN) as HeldName[]).find(key => SPOKEN[key] === word)
  if (held) return { word, names: [storeName(entry, held)], generate: generator(held), held }
  const all = [...Object.values(SPOKEN), 's3', ...own]
  throw new InputError({
    place: `--secret ${word}`,
    message: `${entry.name} has no such secret${formatSuggestion(word, all)}`,
    next: `There are: ${all.join(', ')}.`,
  })
}
