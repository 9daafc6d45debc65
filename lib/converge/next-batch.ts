import type { Step } from '../transport/protocol/script.ts'
import { findApplicable, isChange, isWatch, type Slot, type Trouble } from './plan.ts'
import { toProbe } from './round-trip.ts'

/**
 * How often a probe may move before its turn. After that its change is made on what was read last,
 * as the first of a batch, and it holds up no other.
 */
const MOVES = 3

/**
 * Returns the steps of the next batch, with so many changes at most. From its first change to its
 * last, every operation is probed again right before its turn. What only watches ends the batch:
 * what it watches may go on.
 */
export const nextBatch = (all: readonly Slot[], most = Number.POSITIVE_INFINITY): Step[] => {
  const [first, ...rest] = findApplicable(all)
  if (first === undefined) return []
  const next = rest.findIndex(id => isMoving(all[id] as Slot))
  const some = [first, ...(next < 0 ? rest : rest.slice(0, next))].slice(0, most)
  const watch = some.findIndex(id => isWatch((all[id] as Slot).plan))
  const changes = watch < 0 ? some : some.slice(0, watch + 1)
  return all.slice(0, (changes.at(-1) ?? -1) + 1).flatMap((slot, id): Step[] => {
    if (id < first) return []
    const turn: Step[] =
      slot.dependent || isMoving(slot)
        ? []
        : [{ turn: { ...toProbe(slot, id), exitCode: slot.output?.exitCode ?? 1 } }]
    return isChange(slot.plan) ? [...turn, { change: { id, change: slot.plan } }] : turn
  })
}

/** Whether a probe moves each time that it is asked. */
export const isMoving = ({ moved }: Slot): boolean => moved >= MOVES

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
