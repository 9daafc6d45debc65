import type { Failure } from '../events.ts'

/** Converts an error to the failure that the report shows, with what the operator can do. */
export const toFailure = (error: unknown): Failure => {
  if (!(error instanceof Error)) return { message: String(error) }
  const next = 'next' in error && typeof error.next === 'string' ? { next: error.next } : {}
  return { message: error.message, ...next }
}
