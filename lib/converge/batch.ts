import type { Step } from '../transport/protocol/script.ts'
import { probeOf } from './exchange.ts'
import { batch, isChange, type Slot, type Trouble } from './plan.ts'

/**
 * The steps of the next batch, of so many changes at most: from its first change to its last,
 * everything is looked at again right before its turn.
 */
export const stepsOf = (all: readonly Slot[], most = Number.POSITIVE_INFINITY): Step[] => {
  const changes = batch(all).slice(0, most)
  const [first = 0] = changes
  return all.slice(0, (changes.at(-1) ?? -1) + 1).flatMap((slot, id): Step[] => {
    if (id < first) return []
    const turn: Step[] = slot.dependent
      ? []
      : [{ turn: { ...probeOf(slot, id), rc: slot.output?.rc ?? 1 } }]
    return isChange(slot.plan) ? [...turn, { change: { id, change: slot.plan } }] : turn
  })
}

/** The first change of the next batch that disturbs the host, as what is refused. */
export const refusal = (all: readonly Slot[]): Trouble | null => {
  for (const id of batch(all)) {
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
