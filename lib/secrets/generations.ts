import { InputError } from '../errors/input-error.ts'
import type { Secret } from '../secret.ts'
import { generatePassword } from './password.ts'
import type { SecretValues, Vault } from './vault.ts'

/**
 * A secret that takes over from another in steps, each of which the store remembers: NAME is in
 * force, NAME.next will be, and NAME.previous was and
 * may still be accepted somewhere. No value is forgotten before nothing takes it any more.
 */
export type Generations = {
  /** Its name in the store. */
  readonly name: string
  readonly now: Secret
  readonly next: Secret | null
  readonly previous: Secret | null
  /**
   * How many there were, this one included. What cannot have two values under one name (a user, a
   * folder of backups) is named by it.
   */
  readonly number: number
}

type Source = Pick<Vault, 'secret' | 'find'>

/** The generations of a secret. One that is not there is generated, where it may be. */
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
 * The next one is in the store. Where one stands there already, of a run that was broken off or by
 * its owner, that is it.
 */
export const beginRotation =
  (name: string, generate: (() => string) | null = generatePassword) =>
  (values: SecretValues): void => {
    if (values[`${name}.next`] !== undefined) return
    if (generate === null)
      throw new InputError({
        place: name,
        message: 'its new value is given by its owner, and is not in the store',
        next: `Give it with: npx zx scripts/secrets.ts set ${name}.next`,
      })
    values[`${name}.next`] = generate()
  }

/** The next one is in force, and the one before it is kept. All of these names at once. */
export const turnRotation =
  (names: readonly string[]) =>
  (values: SecretValues): void => {
    for (const name of names) {
      const [now, next] = [values[name], values[`${name}.next`]]
      if (next === undefined || values[`${name}.previous`] !== undefined)
        throw new Error(`${name}: its rotation is not at its turn`)
      if (now !== undefined) values[`${name}.previous`] = now
      values[name] = next
      values[`${name}.generation`] = String(Number(values[`${name}.generation`] ?? 1) + 1)
      delete values[`${name}.next`]
    }
  }

/**
 * The one before is forgotten; or kept under its number (`NAME.2`), where something old can only be
 * read with it.
 */
export const finishRotation =
  (name: string, keep: boolean) =>
  (values: SecretValues): void => {
    const previous = values[`${name}.previous`]
    if (keep && previous !== undefined)
      values[`${name}.${Number(values[`${name}.generation`]) - 1}`] = previous
    delete values[`${name}.previous`]
  }
