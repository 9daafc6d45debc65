import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, Unreachable } from '../connection.ts'
import { Rejected } from './rejected.ts'

/** How a lost link is sought again. */
export type Patience = {
  /** How often it is tried. Default 3. */
  readonly attempts?: number
  /** Seconds before each attempt; the last one holds for all further ones. Default 1, 2, 4. */
  readonly waits?: readonly number[]
  /** Ends the waiting at once. */
  readonly signal?: AbortSignal
}

/**
 * A connection in the place of a lost one. Rejects with the last attempt's error. A changed or
 * unknown host key and a refused login
 * end it at once: another try would say the same.
 */
export const reconnect = async (
  connect: () => Promise<Connection>,
  { attempts = 3, waits = [1, 2, 4], signal }: Patience = {},
): Promise<Connection> => {
  for (let attempt = 1; ; attempt++) {
    await sleep(
      (waits[attempt - 1] ?? waits.at(-1) ?? 0) * 1000,
      undefined,
      signal ? { signal } : {},
    )
    try {
      return await connect()
    } catch (error) {
      const final = !(error instanceof Unreachable) || error instanceof Rejected
      if (final || attempt >= attempts) throw error
    }
  }
}
