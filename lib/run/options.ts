import type { Flag } from '../cli/flags.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import type { LabState } from '../inventory/lab-state.ts'
import type { Secret } from '../secret.ts'
import type { Vault } from '../secrets/vault.ts'
import type { RunFlags } from './from-flags.ts'
import type { HostShare } from './host-share.ts'
import type { PlanRecorder } from './plan/recorder.ts'

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
  /** How it plays, as the flags say. */
  readonly how: RunFlags
  /** The playbook certainly plays once. Default: not known. */
  readonly playsOnce?: boolean
  readonly sudoPassword?: Secret
  /** A plan that is written or kept to. Default: none. */
  readonly plan?: PlanRecorder | null
}

/** How a playbook begins. */
export type PlaybookOptions<Own extends Record<string, Flag>> = {
  /** One sentence for --help. */
  readonly about?: string
  /** Flags that it has beside those of every playbook. */
  readonly flags?: Own
  /**
   * Words that it takes beside its flags, as its usage says: `status | logs SERVICE`. They are the
   * run's `words`. Default: none is taken.
   */
  readonly words?: string
  /**
   * Folder from which the project is searched upwards: the nearest one with hosts.yaml. Default:
   * the playbook's own.
   */
  readonly from?: string
}

/** How a list is played on its hosts. Flags of the same name take precedence. */
export type PlayOptions = {
  /**
   * Sizes of the batches that are played one after another, such as 2, '30%' or [1, '30%']; the
   * last size repeats. Default: all hosts at the same time.
   * @range 1 or more
   */
  readonly serial?: HostShare | readonly [HostShare, ...HostShare[]]
  /**
   * Hosts that may fail, such as 1 or '20%' of the play's. With one more no other host is begun and
   * the playbook ends. Default: any, but with `serial` not all hosts of a batch.
   * @range 0 or more
   */
  readonly maxFail?: HostShare
}

/** How a play ended on each host. */
export type PlayedHosts = {
  readonly ok: readonly Host[]
  readonly failed: readonly Host[]
  /** Those of `ok` on which something was changed. */
  readonly changed: readonly Host[]
}
