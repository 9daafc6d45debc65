import { setTimeout as sleep } from 'node:timers/promises'
import { ScriptError } from '../errors/script-error.ts'

export type WaitOptions = {
  /** Seconds after which the wait fails. Default 60. */
  readonly seconds?: number
  /** Seconds between two looks. Default 2. */
  readonly every?: number
}

/** A wait did not end in time. */
export class WaitTimeout extends ScriptError {}

/**
 * Waits until a look returns something true, and returns that. A look that throws is repeated.
 * `isStopped` ends the wait. Rejects with WaitTimeout, which contains the last look's error.
 */
export const waitUntil = async <T>(
  what: string,
  look: () => PromiseLike<T>,
  { seconds = 60, every = 2 }: WaitOptions,
  isStopped: () => boolean,
): Promise<T> => {
  let last = ''
  const end = performance.now() + seconds * 1000
  for (;;) {
    if (isStopped()) throw new ScriptError('interrupted')
    try {
      const seen = await look()
      if (seen) return seen
    } catch (error) {
      if (error instanceof ScriptError) throw error
      last = error instanceof Error ? error.message : String(error)
    }
    const left = end - performance.now()
    if (left <= 0) throw new WaitTimeout(`${what}: not within ${seconds} s${last && `: ${last}`}`)
    await sleep(Math.min(every * 1000, left))
  }
}
