import type { Options } from './options.ts'
import { type Slot, type Trouble, waiting } from './plan.ts'
import { within } from './within.ts'

/**
 * Waits for another host where nothing can be done here before it gives. `again` then makes the
 * plans anew from what was read, and tells what is wrong with them.
 */
export const awaitNeeded = async (
  all: readonly Slot[],
  { given, needSeconds: seconds = 900, stop, check }: Options,
  again: () => Trouble | null,
): Promise<Trouble | null> => {
  for (let unknown = waiting(all); unknown?.needs; unknown = waiting(all)) {
    const { needs } = unknown
    if (given?.(needs) === false)
      needs.refuse(
        'no host of this run gives it (is one left out by --limit or --tags, or in a later batch?)',
      )
    const settled = await within(seconds * 1000, needs.settled, () => stop?.requested === true)
    if (stop?.requested || (check && needs.refused)) return null
    const id = all.findIndex(slot => slot.plan !== null)
    if (!settled)
      return { id, failure: { message: `${needs.name}: not given within ${seconds} s` } }
    const trouble = again()
    if (trouble) return trouble
    const still = waiting(all)
    if (still?.needs?.refused)
      return { id, failure: { message: `${(all[id] as Slot).op.id}: ${still.why}` } }
  }
  return null
}
