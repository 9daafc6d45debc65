import type { Step } from '../transport/protocol/script.ts'
import { findApplicable, isChange, type Slot, type Trouble } from './plan.ts'
import { toProbe } from './round-trip.ts'

/**
 * Returns the steps of the next batch, with so many changes at most. From its first change to its
 * last, every operation is probed again right before its turn.
 */
export const nextBatch = (all: readonly Slot[], most = Number.POSITIVE_INFINITY): Step[] => {
  const changes = findApplicable(all).slice(0, most)
  const [first = 0] = changes
  return all.slice(0, (changes.at(-1) ?? -1) + 1).flatMap((slot, id): Step[] => {
    if (id < first) return []
    const turn: Step[] = slot.dependent
      ? []
      : [{ turn: { ...toProbe(slot, id), exitCode: slot.output?.exitCode ?? 1 } }]
    return isChange(slot.plan) ? [...turn, { change: { id, change: slot.plan } }] : turn
  })
}

/** Refuses the next batch if one of its changes disturbs other work on the host. */
export const refuseDisruptive = (all: readonly Slot[]): Trouble | null => {
  for (const id of findApplicable(all)) {
    const { plan, op } = all[id] as Slot
    if (isChange(plan) && plan.disruptive)
      return {
        id,
        failure: {
          message: `${op.id}: refused: ${plan.disruptive}`,
          next: 'give --allow-disruption to have it done',
        },
      }
  }
  return null
}
