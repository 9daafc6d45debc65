import type { ConvergeResult } from '../converge/converge.ts'
import type { ExitCode } from '../events.ts'

export type Ending = {
  readonly interrupted: boolean
  /** The script itself threw: bad input, or a fault in it. */
  readonly threw: boolean
  /** Differences that --check found count (--exit-code). */
  readonly differences: boolean
}

/**
 * 130 interrupted, 1 bad input, 2 a host failed, 4 a host unreachable, 3 differences found,
 * otherwise 0: the first that fits.
 */
export const exitCode = (
  results: readonly Pick<ConvergeResult, 'result' | 'outcomes'>[],
  { interrupted, threw, differences }: Ending,
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
