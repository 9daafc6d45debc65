import type { Outcome } from '../events.ts'
import { Unknown } from '../operation.ts'
import type { Slot, Trouble } from './plan.ts'
import { Held } from './plan-guard.ts'

/** How the whole list ended. */
export type End = {
  readonly check: boolean
  /** A saved plan was kept to: what it does not say was left undone. */
  readonly held: boolean
  readonly trouble: Trouble | null
  /** The host could not be reached any more. */
  readonly lost: boolean
  /**
   * The operations that ran when the link was lost, or may have begun since: they were sent, and
   * nothing more was heard.
   */
  readonly inFlight: ReadonlySet<number>
}

/** The one outcome of each listed operation. Pure. */
export const outcomes = (all: readonly Slot[], end: End): Outcome[] =>
  all.map((slot, id) => outcome(all, slot, id, end))

const outcome = (
  all: readonly Slot[],
  slot: Slot,
  id: number,
  { check, held, trouble, lost, inFlight }: End,
): Outcome => {
  const { plan } = slot
  if (slot.declined) return { is: 'skipped', why: 'it was declined' }
  if (trouble?.id === id) return { is: 'failed', error: trouble.failure }
  // Applied with exit 0, but the link was lost before it was looked at again: not proven.
  if (lost && (inFlight.has(id) || (slot.applied > 0 && plan !== null))) return { is: 'in-flight' }
  if (lost && (slot.output === null || plan !== null)) return { is: 'not-reached' }
  if (plan === null) return slot.firstDiff === null ? { is: 'ok' } : changed(slot)
  if (!check && !(held && plan instanceof Unknown)) return { is: 'not-reached' }
  if (plan instanceof Unknown) return { is: 'unknown', why: until(all, id, plan) }
  return {
    is: 'would-change',
    diff: plan.diff,
    ...(plan.disruptive ? { disruptive: plan.disruptive } : {}),
  }
}

const changed = (slot: Slot): Outcome => ({
  is: 'changed',
  diff: slot.firstDiff ?? [],
  foreseen: slot.firstPlan !== null,
})

/** What an unknown waits for, by name: the nearest change before it, or another host. */
export const until = (all: readonly Slot[], id: number, unknown: Unknown): string => {
  const { why, deferred } = unknown
  const before = all.slice(0, id).findLast(slot => slot.plan !== null)
  if (deferred || unknown instanceof Held) return why
  return before
    ? `until ${before.op.id} (${why})`
    : `until what is listed before has been done (${why})`
}
