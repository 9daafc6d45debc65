import type { Host, Inventory } from './inventory/inventory.ts'
import type { LabState } from './lab/state.ts'
import type { Secret } from './secret.ts'
import type { Vault } from './secrets/vault.ts'

export type RunOptions<F> = {
  readonly name: string
  readonly root: string
  /** Who holds the lease of a host, and for which run. */
  readonly who: string
  readonly flags: F
  /** Words beside the flags. */
  readonly words: readonly string[]
  readonly inventory: Inventory
  /** The lab that is played on, if it is. */
  readonly lab: LabState | null
  readonly vault: Vault
  readonly forks: number
  readonly tags: { readonly only: readonly string[]; readonly not: readonly string[] }
  readonly sudoPassword?: Secret
}

/** How a play ended on each host. */
export type Played = {
  readonly ok: readonly Host[]
  readonly failed: readonly Host[]
  /** Those of `ok` on which something was changed. */
  readonly changed: readonly Host[]
}
