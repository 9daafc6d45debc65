import type { Deferred } from '../deferred.ts'
import type { Emit, Failure, HostResult, Outcome } from '../events.ts'
import type { Change, Operation } from '../operation.ts'
import type { Shell } from '../transport/root-shell.ts'
import type { LoginWays } from './answer-login.ts'
import type { Slot } from './plan.ts'
import type { PlanGuard } from './plan-guard.ts'

/** Who may change a host, and the path on the host that says so. */
export type Lease = { readonly path: string; readonly who: string }

export type ConvergeOptions = {
  /** Its inventory name, for events and messages. */
  readonly host: string
  /**
   * Returns the host's open shell, or a new one if it was lost. A host that reboots is sought for
   * so many seconds. Rejects with Unreachable.
   */
  readonly shell: (rebootSeconds?: number) => Promise<Shell>
  /**
   * How the host is reached anew: a change that may lock this run out is kept only after such a
   * login. Default: such changes are not proven by a login from here.
   */
  readonly login?: LoginWays
  /** Only report what would be done. Default false. */
  readonly check?: boolean
  /**
   * In check mode: an earlier list would have changed this host, so what cannot be read is
   * unknown, not an error. Default false.
   */
  readonly pendingBefore?: boolean
  /** Apply changes that disturb other work on the host. Default false. */
  readonly allowDisruption?: boolean
  /** Runs what disturbs a host while no other host is disturbed. Default: immediately. */
  readonly inTurn?: DisruptionQueue
  /** Held on the host while changes are applied. Default: none. */
  readonly lease?: Lease
  /** Becomes `requested` at the first Ctrl-C; nothing new is started from then on. */
  readonly stop?: { readonly requested: boolean }
  readonly emit?: Emit
  /** The run-wide numbers of the operations, in their order. Default: their places in the list. */
  readonly numbers?: readonly number[]
  /** Whether some host of this run provides a value that is awaited here. Default: yes. */
  readonly isProvided?: (deferred: Deferred<unknown>) => boolean
  /** Seconds to wait for what another host provides. Default 900. */
  readonly waitSeconds?: number
  /**
   * Rounds in which nothing is changed for the first time; with one more, the list does not settle.
   * Each barrier is passed by a first change, so their number does not matter. Default 12.
   */
  readonly maxRounds?: number
  /**
   * Seconds for which a probe that is made for its round holds (a signature). If the changes of a
   * round took longer, everything is probed once more. Default 300.
   */
  readonly renewSeconds?: number
  /** Keeps to a saved plan. Default: none. */
  readonly guard?: PlanGuard
  /** Is asked before each change; the changes are made one by one. Default: nobody is asked. */
  readonly approve?: Approve
  /** Receives, at a good end, the output and the plan of each operation. */
  readonly onPlanned?: (all: readonly Slot[]) => void
}

/** Decides whether one change is made; `stop` ends the host as an interruption does. */
export type Approve = (op: Operation, change: Change) => Promise<'yes' | 'no' | 'stop'>

/**
 * Does the work while no other host is disturbed; the work resolves to whether it went well.
 * Resolves to null, or to the reason why the work was not begun.
 */
export type DisruptionQueue = (work: () => Promise<boolean>) => Promise<string | null>

export type ConvergeResult = {
  readonly result: HostResult
  /** Round trips used. A host that is as wanted costs one. */
  readonly trips: number
  /** One for each operation, in list order. */
  readonly outcomes: readonly Outcome[]
  readonly error?: Failure
}
