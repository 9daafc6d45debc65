/** The words of --secret for an environment, and what they mean. */
import { InputError } from '../../lib/errors/input-error.ts'
import { formatSuggestion } from '../../lib/errors/suggest.ts'
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import { generatePassword } from '../../lib/secrets/password.ts'
import { ROTATED_SECRETS, ROTATION_NAMES, type RotatedSecret } from '../../roles/environment.ts'
import {
  chooseGenerator,
  nameBackupKeys,
  nameBucketKeys,
  nameStoredSecret,
} from '../deploy/secrets.ts'

/** A secret, or two that go together, to be rotated. */
export type ChosenSecret = {
  readonly word: string
  /** Its names in the store, which go over together. */
  readonly names: readonly string[]
  /** Makes the next value up; null: its owner gives it. */
  readonly generate: (() => string) | null
  /** The environment's own secret that it is, if it is one. */
  readonly key?: RotatedSecret
}

/** Names in the store of the pairs of keys of an environment's buckets, by their words. */
export const namePairs = (entry: Pick<Entry, 'name' | 'vars'>) => ({
  s3: nameBucketKeys(entry),
  'backup-write': nameBackupKeys(entry, 'write'),
  'backup-prune': nameBackupKeys(entry, 'prune'),
})
type PairWord = keyof ReturnType<typeof namePairs>

const isPair = (word: string): word is PairWord =>
  ['s3', 'backup-write', 'backup-prune'].includes(word)

/**
 * What is meant by `database`, `s3`, `app:NAME`. An unknown word is an InputError that names the
 * nearest.
 */
export const chooseSecret = (entry: Entry, word: string, generate: boolean): ChosenSecret => {
  const pairs = namePairs(entry)
  if (isPair(word)) return { word, names: Object.values(pairs[word]), generate: null }
  const own = entry.vars.app.secrets.map(name => `app:${name}`)
  if (own.includes(word))
    return {
      word,
      names: [`${entry.name}/${word.slice(4)}`],
      generate: generate ? generatePassword : null,
    }
  const key = ROTATED_SECRETS.find(one => ROTATION_NAMES[one] === word)
  if (key)
    return { word, names: [nameStoredSecret(entry, key)], generate: chooseGenerator(key), key }
  const all = [...Object.values(ROTATION_NAMES), ...Object.keys(pairs), ...own]
  throw new InputError({
    place: `--secret ${word}`,
    message: `${entry.name} has no such secret${formatSuggestion(word, all)}`,
    next: `There are: ${all.join(', ')}.`,
  })
}
