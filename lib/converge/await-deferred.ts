import type { ConvergeOptions } from './options.ts'
import { findAwaited, type Slot, type Trouble } from './plan.ts'
import { settlesWithin } from './settles-within.ts'

/**
 * Waits for another host if nothing can be done here before it provides a value. `replan` then
 * makes the plans anew from what was read and returns what is wrong with them.
 */
export const awaitDeferred = async (
  all: readonly Slot[],
  { isProvided, waitSeconds: seconds = 900, stop, check }: ConvergeOptions,
  replan: () => Trouble | null,
): Promise<Trouble | null> => {
  for (let unknown = findAwaited(all); unknown?.deferred; unknown = findAwaited(all)) {
    const { deferred } = unknown
    if (isProvided?.(deferred) === false)
      deferred.reject(
        'no host of this run provides it ' +
          '(is one left out by --limit or --tags, or in a later batch?)',
      )
    const settled = await settlesWithin(
      seconds * 1000,
      deferred.settled,
      () => stop?.requested === true,
    )
    if (stop?.requested || (check && deferred.rejected)) return null
    const id = all.findIndex(slot => slot.plan !== null)
    if (!settled)
      return { id, failure: { message: `${deferred.name}: not provided within ${seconds} s` } }
    const trouble = replan()
    if (trouble) return trouble
    const still = findAwaited(all)
    if (still?.deferred?.rejected)
      return { id, failure: { message: `${(all[id] as Slot).op.id}: ${still.why}` } }
  }
  return null
}
