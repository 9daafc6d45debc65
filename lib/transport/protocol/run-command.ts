import type { Output, Payload } from '../../operation.ts'
import type { Sh } from '../../sh.ts'
import type { Shell } from '../root-shell.ts'
import { sendRound } from './round-trip.ts'
import { computeChangeDeadline } from './script.ts'

/**
 * Seconds that the host may take to end a command past its deadline: a minute for a package
 * manager, and the link's own time.
 */
const MARGIN = 150

/** A command, what it reads from stdin, and its deadline in seconds. */
export type ShellCommand = {
  readonly apply: Sh
  readonly stdin?: Payload
  readonly seconds: number
}

/**
 * Runs one command in one round trip and returns what it printed; null if a stop request kept it
 * from starting. No lease is taken. Rejects with ShellLost, or with MissingTools.
 */
export const runCommand = async (shell: Shell, command: ShellCommand): Promise<Output | null> => {
  let output: Output | null = null
  const round = {
    lease: null,
    steps: [{ change: { id: 0, change: { diff: [], ...command }, isCommand: true } }],
    probes: [],
    seconds: computeChangeDeadline(command) + MARGIN,
  }
  await sendRound(shell, round, frame => {
    if (frame.type === 'changed') output = frame.output
  })
  return output
}
