import type { Deferred } from '../deferred.ts'
import type { Failure, HostResult, Outcome } from '../events.ts'
import type { Change, Operation } from '../operation.ts'
import type { Shell } from '../transport/root-shell.ts'
import type { Lease } from './exchange.ts'
import type { Slot, Trouble } from './plan.ts'

/** What is told while a host converges. `op` is the place in the given list. */
export type Told =
  | { readonly type: 'round-started'; readonly round: number; readonly changes: number }
  | { readonly type: 'op-planned'; readonly op: number; readonly diff: Change['diff'] }
  | { readonly type: 'op-unknown'; readonly op: number; readonly why: string }
  | { readonly type: 'op-started'; readonly op: number }
  | {
      readonly type: 'op-settled'
      readonly op: number
      readonly outcome: Outcome
      readonly ms: number
    }
  | { readonly type: 'note'; readonly text: string }

export type Options = {
  /** Its inventory name, for messages. */
  readonly host: string
  /**
   * The host's open shell; a new one where there is none or it was lost. A host that is away on
   * purpose is sought for so many seconds. Rejects with Unreachable.
   */
  readonly shell: (awaySeconds?: number) => Promise<Shell>
  /** Only say what would be done. Default false. */
  readonly check?: boolean
  /**
   * In check mode: an earlier list would have changed this host, so that what cannot be read is
   * unknown, not an error. Default false.
   */
  readonly pendingBefore?: boolean
  /** Apply changes that disturb other work on the host. Default false. */
  readonly allowDisruption?: boolean
  /**
   * Runs what disturbs a host in turn with other hosts: `work` alone, or a reason why not any more.
   * Default: at once.
   */
  readonly inTurn?: InTurn
  /** Held on the host while changes are applied. Default: none. */
  readonly lease?: Lease
  /** A first Ctrl-C: `requested` is true from then on, and nothing new is started. */
  readonly stop?: { readonly requested: boolean }
  readonly tell?: (told: Told) => void
  /** Whether some host of this run gives a value that is needed here. Default: yes. */
  readonly given?: (needed: Deferred<unknown>) => boolean
  /** Seconds to wait for what another host gives. Default 900. */
  readonly waitSeconds?: number
  /**
   * Rounds in which nothing is changed for the first time; with one more, the list does not settle.
   * However many barriers it has, each is passed by a first change. Default 12.
   */
  readonly maxRounds?: number
  /** Keeps to a saved plan. Default: none is kept to. */
  readonly hold?: Hold
  /** Is asked before each change, and the changes are made one by one. Default: nobody is asked. */
  readonly ask?: Ask
  /** Hears at a good end what was read of each operation, and what is to be done about it. */
  readonly seen?: (all: readonly Slot[]) => void
}

/** What a saved plan lets happen on a host. */
export type Hold = {
  /** After the first look: what has moved since the plan was made. */
  readonly moved: (all: readonly Slot[]) => Trouble | null
  /** Why the operation at this place may not be changed; null: it may. */
  readonly bars: (id: number) => string | null
}

/** Whether one change is to be made; `stop` ends the host as an interruption does. */
export type Ask = (op: Operation, change: Change) => Promise<'yes' | 'no' | 'stop'>

/**
 * Does the work when no other host is disturbed, and tells whether it went well; a text says why it
 * was not begun.
 */
export type InTurn = (work: () => Promise<boolean>) => Promise<string | null>

export type Result = {
  readonly result: HostResult
  /** Round trips used. A host that is as wanted costs one. */
  readonly trips: number
  /** One for each operation, in list order. */
  readonly outcomes: readonly Outcome[]
  readonly error?: Failure
}
