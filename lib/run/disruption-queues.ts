import pLimit from 'p-limit'
import type { DisruptionQueue } from '../converge/converge.ts'

/** Opens the queue of one host. */
export type OpenDisruptionQueue = (host: string) => DisruptionQueue

/**
 * Creates the queues of a run: one host is disturbed at a time, whatever play it belongs to. After
 * one that does not recover, no other is; that one may be tried again.
 */
export const createDisruptionQueues = (): OpenDisruptionQueue => {
  const limit = pLimit(1)
  let stuck: string | null = null
  return host => work =>
    limit(async () => {
      if (stuck !== null && stuck !== host)
        return `${stuck} was disturbed before, and is not well again`
      stuck = host
      if (await work()) stuck = null
      return null
    })
}
