import type { Change } from '../operation.ts'
import type { Step } from '../transport/protocol/script.ts'
import { stepsOf } from './batch.ts'
import type { Ask } from './options.ts'
import { batch, type Slot } from './plan.ts'

/**
 * The next change that somebody agrees to, as the steps of a batch; null where the host is to stop.
 * What is declined is left as it is from then on,
 * and `again` makes the plans without it.
 */
export const agreed = async (
  all: readonly Slot[],
  ask: Ask,
  again: () => void,
): Promise<Step[] | null> => {
  for (let [id] = batch(all); id !== undefined; [id] = batch(all)) {
    const slot = all[id] as Slot
    const answer = await ask(slot.op, slot.plan as Change)
    if (answer === 'yes') return stepsOf(all, 1)
    if (answer === 'stop') return null
    slot.declined = true
    again()
  }
  return []
}
