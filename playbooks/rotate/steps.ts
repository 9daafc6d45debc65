/** What the store remembers of a rotation, step by step. */
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import { beginRotation, finishRotation, turnRotation } from '../../lib/secrets/generations.ts'
import type { SecretValues } from '../../lib/secrets/vault.ts'
import type { RotatedSecret } from '../../roles/environment.ts'
import { nameStoredSecret } from '../deploy/secrets.ts'
import type { ChosenSecret } from './choose-secret.ts'

/** The secrets that change by their rotation alone. */
export const listRotated = (all: readonly ChosenSecret[]): RotatedSecret[] =>
  all.flatMap(({ key }) => key ?? [])

/** Gives each a next value. */
export const beginRotations =
  (all: readonly ChosenSecret[]) =>
  (values: SecretValues): void => {
    for (const { names, generate } of all)
      for (const name of names) beginRotation(name, generate)(values)
  }

/**
 * Puts all next values in force together. MariaDB's data are still created with the administrator's
 * first password.
 */
export const turnRotations =
  (entry: Entry, all: readonly ChosenSecret[]) =>
  (values: SecretValues): void => {
    const root = nameStoredSecret(entry, 'root')
    if (listRotated(all).includes('root') && values[root] !== undefined)
      values[`${root}.first`] ??= values[root]
    turnRotation(all.flatMap(({ names }) => names))(values)
  }

/** Forgets the values before, except wal-g's keys: older backups can only be read with theirs. */
export const finishRotations =
  (all: readonly ChosenSecret[]) =>
  (values: SecretValues): void => {
    for (const { names, key } of all)
      for (const name of names) finishRotation(name, key === 'walg')(values)
  }
