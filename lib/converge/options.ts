import type { Failure, Outcome } from '../events.ts'
import type { Change, Needed } from '../operation.ts'
import type { Shell } from '../shell.ts'
import type { Lease } from './exchange.ts'

/** What is told while a host converges. `op` is the place in the given list. */
export type Told =
  | { readonly type: 'round-started'; readonly round: number; readonly changes: number }
  | { readonly type: 'op-planned'; readonly op: number; readonly diff: Change['diff'] }
  | { readonly type: 'op-unknown'; readonly op: number; readonly why: string }
  | { readonly type: 'op-started'; readonly op: number }
  | { readonly type: 'op-settled'; readonly op: number; readonly outcome: Outcome; readonly ms: number }
  | { readonly type: 'note'; readonly text: string }

export type Options = {
  /** Its inventory name, for messages. */
  readonly host: string
  /** The host's open shell; a new one where there is none or it was lost. A host that is away on purpose is sought for so many seconds. Rejects with Unreachable. */
  readonly shell: (awaySeconds?: number) => Promise<Shell>
  /** Only say what would be done. Default false. */
  readonly check?: boolean
  /** In check mode: an earlier list would have changed this host, so that what cannot be read is unknown, not an error. Default false. */
  readonly pendingBefore?: boolean
  /** Apply changes that disturb other work on the host. Default false. */
  readonly allowDisruption?: boolean
  /** Runs what disturbs a host in turn with other hosts: `work` alone, or a reason why not any more. Default: at once. */
  readonly inTurn?: InTurn
  /** Held on the host while changes are applied. Default: none. */
  readonly lease?: Lease
  /** A first Ctrl-C: `requested` is true from then on, and nothing new is started. */
  readonly stop?: { readonly requested: boolean }
  readonly tell?: (told: Told) => void
  /** Whether some host of this run gives a value that is needed here. Default: yes. */
  readonly given?: (needed: Needed<unknown>) => boolean
  /** Seconds to wait for what another host gives. Default 900. */
  readonly needSeconds?: number
  /** Default 12. */
  readonly maxRounds?: number
}

/** Does the work when no other host is disturbed, and tells whether it went well; a text says why it was not begun. */
export type InTurn = (work: () => Promise<boolean>) => Promise<string | null>

export type Result = {
  readonly result: 'ok' | 'failed' | 'unreachable' | 'interrupted'
  /** Round trips used. A host that is as wanted costs one. */
  readonly trips: number
  /** One for each operation, in list order. */
  readonly outcomes: readonly Outcome[]
  readonly error?: Failure
}
