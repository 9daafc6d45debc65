import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, Unreachable } from '../connection.ts'
import { Rejected } from './rejected-error.ts'

/** How a lost link is opened again. */
export type ReconnectOptions = {
  /** How often it is tried. Default 3. */
  readonly attempts?: number
  /** Seconds before each attempt; the last one holds for all further ones. Default 1, 2, 4. */
  readonly waits?: readonly number[]
  /** Ends the wait immediately. */
  readonly signal?: AbortSignal
}

/**
 * Opens a connection in the place of a lost one. Rejects with the last attempt's error. A changed
 * or unknown host key and a refused login are not tried again: another try would fail too.
 */
export const reconnect = async (
  connect: () => Promise<Connection>,
  { attempts = 3, waits = [1, 2, 4], signal }: ReconnectOptions = {},
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
