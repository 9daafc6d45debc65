import { openSecrets, Scopes } from '../../lib/secrets/scopes.ts'
import type { Store, StoreLocation } from '../../lib/secrets/store.ts'

/** The input of a command of scripts/secrets.ts, which returns what is printed. */
export type SecretsTask = {
  readonly where: StoreLocation
  /** Its argument; empty if it takes none. */
  readonly word: string
  readonly lab: boolean
  readonly scope?: string | undefined
  readonly name?: string | undefined
  readonly public?: string | undefined
  readonly on?: string | undefined
  readonly escrow?: readonly string[] | undefined
  readonly 'without-escrow'?: boolean | undefined
}

/** Opens the store to change it. A key that opens scopes alone is refused, with the way out. */
export const openToChange = async (where: StoreLocation): Promise<Store> => {
  const opened = await openSecrets(where)
  if (opened instanceof Scopes) throw opened.createChangeError()
  return opened
}
