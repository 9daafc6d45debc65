/** What the store remembers of a rotation, step by step. */
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import { beginRotation, finishRotation, turnRotation } from '../../lib/secrets/generations.ts'
import type { SecretValues } from '../../lib/secrets/vault.ts'
import type { HeldName } from '../../roles/environment.ts'
import { storeName } from '../deploy/secrets.ts'
import type { Chosen } from './chosen.ts'

/** The secrets that change by their rotation alone. */
export const heldOf = (all: readonly Chosen[]): HeldName[] => all.flatMap(({ held }) => held ?? [])

/** Each has a next value. */
export const begun =
  (all: readonly Chosen[]) =>
  (values: SecretValues): void => {
    for (const { names, generate } of all)
      for (const name of names) beginRotation(name, generate)(values)
  }

/**
 * Each next value is in force, all at once. MariaDB's data go on being created with the
 * administrator's first password.
 */
export const turned =
  (entry: Entry, all: readonly Chosen[]) =>
  (values: SecretValues): void => {
    const root = storeName(entry, 'root')
    if (heldOf(all).includes('root') && values[root] !== undefined)
      values[`${root}.first`] ??= values[root]
    turnRotation(all.flatMap(({ names }) => names))(values)
  }

/** No value before is left, but the keys of wal-g: older backups can be read with theirs alone. */
export const finished =
  (all: readonly Chosen[]) =>
  (values: SecretValues): void => {
    for (const { names, held } of all)
      for (const name of names) finishRotation(name, held === 'walg')(values)
  }
