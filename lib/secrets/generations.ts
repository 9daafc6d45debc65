import { InputError } from '../errors/input-error.ts'
import type { Secret } from '../secret.ts'
import { generatePassword } from './password.ts'
import type { SecretValues, Vault } from './vault.ts'

/**
 * A secret that is rotated in steps, each recorded in the store: NAME is in force, NAME.next will
 * be, and NAME.previous was, and may still be accepted somewhere. A value is removed only once
 * nothing accepts it any more.
 */
export type Generations = {
  /** Its name in the store. */
  readonly name: string
  readonly now: Secret
  readonly next: Secret | null
  readonly previous: Secret | null
  /**
   * The number of generations so far. Things that cannot have two secrets under one name (a user, a
   * folder of backups) contain it in theirs.
   */
  readonly number: number
}

type Source = Pick<Vault, 'secret' | 'find'>

/** Reads the generations of a secret. A missing one is generated if the vault may write. */
export const readGenerations = async (
  vault: Source,
  name: string,
  generate?: () => string,
): Promise<Generations> => ({
  name,
  now: await vault.secret(name, generate),
  next: await vault.find(`${name}.next`),
  previous: await vault.find(`${name}.previous`),
  number: Number((await vault.find(`${name}.generation`))?.reveal() ?? 1),
})

/**
 * Adds the next value to the store. One that exists already, from an interrupted run or from its
 * owner, is kept.
 */
export const beginRotation =
  (name: string, generate: (() => string) | null = generatePassword) =>
  (values: SecretValues): void => {
    if (values[`${name}.next`] !== undefined) return
    if (generate === null)
      throw new InputError({
        place: name,
        message: 'its owner must provide the new value, which is not in the store',
        next: `Give it with: npx zx scripts/secrets.ts set ${name}.next`,
      })
    values[`${name}.next`] = generate()
  }

/** Puts the next values in force and keeps the previous ones, all in one step. */
export const turnRotation =
  (names: readonly string[]) =>
  (values: SecretValues): void => {
    for (const name of names) {
      const [now, next] = [values[name], values[`${name}.next`]]
      if (next === undefined || values[`${name}.previous`] !== undefined)
        throw new Error(`${name}: its rotation has no next value, or is not finished`)
      if (now !== undefined) values[`${name}.previous`] = now
      values[name] = next
      values[`${name}.generation`] = String(Number(values[`${name}.generation`] ?? 1) + 1)
      delete values[`${name}.next`]
    }
  }

/**
 * Removes the previous value, or keeps it under its number (`NAME.2`) if old data can only be read
 * with it.
 */
export const finishRotation =
  (name: string, keep: boolean) =>
  (values: SecretValues): void => {
    const previous = values[`${name}.previous`]
    if (keep && previous !== undefined)
      values[`${name}.${Number(values[`${name}.generation`]) - 1}`] = previous
    delete values[`${name}.previous`]
  }
