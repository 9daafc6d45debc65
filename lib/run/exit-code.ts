import type { ConvergeResult } from '../converge/converge.ts'
import { CheckEnds, HostsFailed } from '../errors/script-error.ts'
import type { ExitCode, HostResult } from '../events.ts'
import { Unreachable } from '../transport/connection.ts'
import { BecomeError } from '../transport/ssh/sudo.ts'
import { CommandError } from './remote/output.ts'
import { WaitTimeout } from './wait-until.ts'

/** How a run ended, beside the results of its hosts. */
export type RunEnd = {
  readonly interrupted: boolean
  /** The script itself threw: bad input, or a fault in it. */
  readonly threw: boolean
  /** Differences that --check found count (--exit-code). */
  readonly differences: boolean
}

/**
 * Computes the exit code: 130 interrupted, 1 bad input, 2 a host failed, 4 a host unreachable,
 * 3 differences found, otherwise 0. The first that fits counts.
 */
export const computeExitCode = (
  results: readonly Pick<ConvergeResult, 'result' | 'outcomes'>[],
  { interrupted, threw, differences }: RunEnd,
): ExitCode => {
  if (interrupted) return 130
  if (threw) return 1
  if (results.some(({ result }) => result === 'failed')) return 2
  if (results.some(({ result }) => result === 'unreachable')) return 4
  const differs = results.some(({ outcomes }) =>
    outcomes.some(({ is }) => is === 'would-change' || is === 'unknown'),
  )
  return differences && differs ? 3 : 0
}

/** What an error that ended a script counts as. */
export type ErrorClass = {
  /** It is a fault of the script itself. */
  readonly threw: boolean
  /** The host that caused it, if it is one. */
  readonly host?: string
  /** The result of the host that caused it. */
  readonly results: readonly { readonly result: HostResult; readonly outcomes: [] }[]
}

/** Classifies the error that ended a script: what a host did, or a fault of the script itself. */
export const classifyError = (error: unknown): ErrorClass => {
  const ofHost = (result: HostResult): ErrorClass => ({
    threw: false,
    ...(hasHost(error) ? { host: error.host } : {}),
    results: [{ result, outcomes: [] }],
  })
  if (error === undefined || error instanceof HostsFailed || error instanceof CheckEnds)
    return { threw: false, results: [] }
  if (error instanceof Unreachable) return ofHost('unreachable')
  const isOfHost = [CommandError, BecomeError, WaitTimeout].some(kind => error instanceof kind)
  return isOfHost ? ofHost('failed') : { threw: true, results: [] }
}

const hasHost = (error: unknown): error is { readonly host: string } =>
  typeof error === 'object' && error !== null && 'host' in error && typeof error.host === 'string'
