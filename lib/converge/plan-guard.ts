import { Unknown } from '../operation.ts'
import type { Hold } from './options.ts'
import { isChange, type Slot } from './plan.ts'

/**
 * A change that is not made now: it is not what the saved plan says. As any unknown, nothing that
 * is listed after it is done before it.
 */
export class Held extends Unknown {}

/** Puts what the plan does not let happen in the place of the changes that it would be. */
export const holdBack = (all: readonly Slot[], { bars }: Hold): void => {
  for (const [id, slot] of all.entries()) {
    const why = isChange(slot.plan) ? bars(id) : null
    if (why !== null) slot.plan = new Held(why)
  }
}
