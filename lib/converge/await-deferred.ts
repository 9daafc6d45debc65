import type { Options } from './options.ts'
import { type Slot, type Trouble, waiting } from './plan.ts'
import { within } from './within.ts'

/**
 * Waits for another host if nothing can be done here before it provides a value. `replan` then
 * makes the plans anew from what was read and returns what is wrong with them.
 */
export const awaitDeferred = async (
  all: readonly Slot[],
  { given, waitSeconds: seconds = 900, stop, check }: Options,
  replan: () => Trouble | null,
): Promise<Trouble | null> => {
  for (let unknown = waiting(all); unknown?.deferred; unknown = waiting(all)) {
    const { deferred } = unknown
    if (given?.(deferred) === false)
      deferred.reject(
        'no host of this run gives it (is one left out by --limit or --tags, or in a later batch?)',
      )
    const settled = await within(seconds * 1000, deferred.settled, () => stop?.requested === true)
    if (stop?.requested || (check && deferred.rejected)) return null
    const id = all.findIndex(slot => slot.plan !== null)
    if (!settled)
      return { id, failure: { message: `${deferred.name}: not given within ${seconds} s` } }
    const trouble = replan()
    if (trouble) return trouble
    const still = waiting(all)
    if (still?.deferred?.rejected)
      return { id, failure: { message: `${(all[id] as Slot).op.id}: ${still.why}` } }
  }
  return null
}
