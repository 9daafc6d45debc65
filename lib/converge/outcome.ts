import type { HostResult, Outcome } from '../events.ts'
import { type Operation, Unknown } from '../operation.ts'
import { Stopped, Unreachable } from '../transport/connection.ts'
import type { Slot, Trouble } from './plan.ts'
import { BlockedByPlan } from './plan-guard.ts'

/** How the whole list ended. */
export type ConvergenceEnd = {
  readonly check: boolean
  /** A saved plan was kept to: what it does not contain was left undone. */
  readonly guarded: boolean
  readonly trouble: Trouble | null
  /** The host could not be reached any more. */
  readonly lost: boolean
  /**
   * The operations that ran when the link was lost, or that were sent and may have begun since.
   */
  readonly inFlight: ReadonlySet<number>
  /** The operations whose change began on the host, or may have, at any time in this list. */
  readonly begun: ReadonlySet<number>
}

/** Settles each listed operation with its one outcome. Pure. */
export const settleOutcomes = (all: readonly Slot[], end: ConvergenceEnd): Outcome[] =>
  all.map((slot, id) => settleOutcome(all, slot, id, end))

const settleOutcome = (
  all: readonly Slot[],
  slot: Slot,
  id: number,
  { check, guarded, trouble, lost, inFlight, begun }: ConvergenceEnd,
): Outcome => {
  const { plan } = slot
  if (slot.declined) return { is: 'skipped', why: 'it was declined' }
  if (trouble?.id === id) return { is: 'failed', error: trouble.failure }
  if (lost && inFlight.has(id)) return { is: 'in-flight' }
  // It began, and nothing proved since that it is as wanted: applied and not read again, cut off,
  // or undone by somebody else before the list came to its end.
  if (begun.has(id) && plan !== null) return { is: 'in-flight' }
  if (lost && (slot.output === null || plan !== null)) return { is: 'not-reached' }
  if (plan === null) return slot.firstDiff === null ? { is: 'ok' } : describeChanged(slot)
  if (!check && !(guarded && plan instanceof Unknown)) return { is: 'not-reached' }
  if (plan instanceof Unknown) return { is: 'unknown', why: explainUnknown(all, id, plan) }
  return {
    is: 'would-change',
    diff: plan.diff,
    ...(plan.disruptive ? { disruptive: plan.disruptive } : {}),
  }
}

const describeChanged = (slot: Slot): Outcome => ({
  is: 'changed',
  diff: slot.firstDiff ?? [],
  foreseen: slot.firstPlan !== null,
})

/**
 * Names what an unknown waits for: another host, the changes that its plan asked for, or else those
 * before it, any of which it may be.
 */
export const explainUnknown = (all: readonly Slot[], id: number, unknown: Unknown): string => {
  const { why, deferred } = unknown
  if (deferred || unknown instanceof BlockedByPlan) return why
  const before = all.slice(0, id).flatMap(slot => (slot.plan === null ? [] : [slot.op]))
  const asked = before.filter(op => all[id]?.asked.has(op.key))
  return `until ${nameChanges(asked.length > 0 ? asked : before)} (${why})`
}

const nameChanges = (ops: readonly Operation[]): string => {
  const names = ops.map(op => op.id)
  if (names.length === 0) return 'what is listed before has been done'
  if (names.length === 1) return names.join()
  if (names.length <= 3) return `one of ${names.join(', ')}`
  return `one of the ${names.length} changes before it, from ${names[0]} to ${names.at(-1)}`
}

/** Returns the result of a host from what ended it: an error, a failure, or a stop request. */
export const settleResult = (
  thrown: unknown,
  failed: boolean,
  interrupted: boolean,
): HostResult => {
  if (thrown instanceof Unreachable) return 'unreachable'
  if (thrown instanceof Stopped) return 'interrupted'
  if (failed) return 'failed'
  return interrupted ? 'interrupted' : 'ok'
}
