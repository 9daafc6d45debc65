import { toFailure } from '../errors/failure.ts'
import { HostsFailed } from '../errors/script-error.ts'
import type { Emit, Failure } from '../events.ts'
import { classifyError } from './exit-code.ts'

/**
 * Reports the error that ended a script, if one did: as the failure of the host that caused it.
 * Returns the failure of the run, if no host did.
 */
export const reportThrown = (error: unknown, emit: Emit): { readonly error?: Failure } => {
  if (error === undefined || error === null || error instanceof HostsFailed) return {}
  const {
    host,
    results: [ended],
  } = classifyError(error)
  const failure = toFailure(error)
  if (host === undefined || !ended) return { error: failure }
  emit({ type: 'host-finished', host, result: ended.result, trips: 0, ms: 0, error: failure })
  return {}
}
