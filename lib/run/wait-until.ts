import { setTimeout as sleep } from 'node:timers/promises'
import { ScriptError } from '../errors/script-error.ts'

export type WaitOptions = {
  /**
   * Seconds after which the wait fails. Default 60.
   * @range 0 or more, with fractions
   */
  readonly seconds?: number
  /**
   * Seconds between two looks. Default 2.
   * @range 0 or more, with fractions
   */
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
  let seen: T | undefined
  const isSeen = async (): Promise<boolean> => {
    if (isStopped()) throw new ScriptError('interrupted')
    try {
      seen = await look()
    } catch (error) {
      if (error instanceof ScriptError) throw error
      last = error instanceof Error ? error.message : String(error)
      return false
    }
    return Boolean(seen)
  }
  if (await pollUntil(seconds * 1000, isSeen, every * 1000)) return seen as T
  throw new WaitTimeout(`${what}: not within ${seconds} s${last && `: ${last}`}`)
}

/**
 * Checks a condition every `every` milliseconds (default 200) until it is true, the last time at
 * the deadline; false if it is not within `deadline` milliseconds.
 */
export const pollUntil = async (
  deadline: number,
  check: () => Promise<boolean>,
  every = 200,
): Promise<boolean> => {
  const end = performance.now() + deadline
  for (;;) {
    if (await check()) return true
    const left = end - performance.now()
    if (left <= 0) return false
    await sleep(Math.min(every, left))
  }
}
