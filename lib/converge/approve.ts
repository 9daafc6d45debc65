import type { Change } from '../operation.ts'
import type { Step } from '../transport/protocol/script.ts'
import { nextBatch } from './next-batch.ts'
import type { Approve } from './options.ts'
import { findApplicable, isWatch, type Slot } from './plan.ts'

/**
 * Asks about one change after another and returns the first approved one as the steps of a batch;
 * null if the host is to stop. A declined change stays as it is, and `replan` makes the plans
 * without it. What was approved is watched until its end without another question.
 */
export const approve = async (
  all: readonly Slot[],
  ask: Approve,
  replan: () => void,
): Promise<Step[] | null> => {
  for (let [id] = findApplicable(all); id !== undefined; [id] = findApplicable(all)) {
    const slot = all[id] as Slot
    if (slot.applied > 0 && isWatch(slot.plan)) return nextBatch(all, 1)
    const answer = await ask(slot.op, slot.plan as Change)
    if (answer === 'yes') return nextBatch(all, 1)
    if (answer === 'stop') return null
    slot.declined = true
    replan()
  }
  return []
}
