import { Unknown } from '../operation.ts'
import { isChange, type Slot, type Trouble } from './plan.ts'

/** What a saved plan allows on a host. */
export type PlanGuard = {
  /** After the first probes: what has moved since the plan was made. */
  readonly findMoved: (all: readonly Slot[]) => Trouble | null
  /** Why the operation at this place may not be changed; null if it may. */
  readonly blocks: (id: number) => string | null
}

/**
 * A change that is not made now because the saved plan does not contain it. As after any unknown,
 * nothing listed after it is done.
 */
export class BlockedByPlan extends Unknown {}

/** Replaces the changes that the plan does not allow. */
export const blockChanges = (all: readonly Slot[], { blocks }: PlanGuard): void => {
  for (const [id, slot] of all.entries()) {
    const why = isChange(slot.plan) ? blocks(id) : null
    if (why !== null) slot.plan = new BlockedByPlan(why)
  }
}
