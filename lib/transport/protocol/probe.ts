import type { Output } from '../../operation.ts'
import type { Sh } from '../../sh.ts'
import type { Shell } from '../root-shell.ts'
import { sendRound } from './round-trip.ts'

/** Seconds that a round may take on the host beside its fragments, and for each of them. */
const MARGIN = 60
const MARGIN_EACH = 3

/** A fragment that only reads, and its deadline in seconds. */
export type Reading = { readonly fragment: Sh; readonly seconds: number }

/** The deadline of probes as a whole, with a margin for the link. */
export const computeProbeDeadline = (seconds: readonly number[]): number =>
  seconds.reduce((sum, one) => sum + one + MARGIN_EACH, MARGIN)

/**
 * Runs fragments in one round trip and returns what each printed, in their order. Nothing is
 * applied and no lease is taken. Rejects with ShellLost, or with MissingTools.
 */
export const probe = async (shell: Shell, readings: readonly Reading[]): Promise<Output[]> => {
  const outputs: Output[] = []
  const round = {
    lease: null,
    steps: [],
    probes: readings.map(({ fragment, seconds }, id) => ({ id, probe: fragment, seconds })),
    seconds: computeProbeDeadline(readings.map(({ seconds }) => seconds)),
  }
  await sendRound(shell, round, frame => {
    if (frame.type === 'probed') outputs[frame.id] = frame.output
  })
  if (readings.some((_, id) => outputs[id] === undefined))
    throw new Error('the host sent no output for a fragment that it was asked to run')
  return outputs
}
