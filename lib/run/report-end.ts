import { toFailure } from '../errors/failure.ts'
import { HostsFailed } from '../errors/script-error.ts'
import type { Emit, Failure } from '../events.ts'
import { classifyError } from './exit-code.ts'

/**
 * Reports the error that ended a script: as the failure of the host that caused it. Returns the
 * failure if no host did; null if nothing is left to report.
 */
export const reportThrown = (error: unknown, emit: Emit): Failure | null => {
  if (error === undefined || error instanceof HostsFailed) return null
  const {
    host,
    results: [ended],
  } = classifyError(error)
  const failure = toFailure(error)
  if (host === undefined || !ended) return failure
  emit({ type: 'host-finished', host, result: ended.result, trips: 0, ms: 0, error: failure })
  return null
}
