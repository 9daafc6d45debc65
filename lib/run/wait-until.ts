import { setTimeout as sleep } from 'node:timers/promises'
import { ScriptError } from '../errors/script-error.ts'

export type Patience = {
  /** Seconds after which it is given up. Default 60. */
  readonly seconds?: number
  /** Seconds between two looks. Default 2. */
  readonly every?: number
}

/** What was waited for did not come to be in time. */
export class NotInTime extends ScriptError {}

/**
 * Waits until a look gives something that is true, and gives that. A look that throws has not seen
 * it yet. `stop` ends the waiting. Rejects with
 * NotInTime, which tells what the last look said.
 */
export const until = async <T>(
  what: string,
  look: () => PromiseLike<T>,
  { seconds = 60, every = 2 }: Patience,
  stop: () => boolean,
): Promise<T> => {
  let last = ''
  for (
    const end = performance.now() + seconds * 1000;
    ;
    await sleep(Math.min(every * 1000, Math.max(0, end - performance.now())))
  ) {
    if (stop()) throw new ScriptError('interrupted')
    try {
      const seen = await look()
      if (seen) return seen
    } catch (error) {
      if (error instanceof ScriptError) throw error
      last = error instanceof Error ? error.message : String(error)
    }
    if (performance.now() >= end)
      throw new NotInTime(`${what}: not within ${seconds} s${last && `: ${last}`}`)
  }
}
