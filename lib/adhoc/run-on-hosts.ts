import pLimit from 'p-limit'
import { listenForInterrupts } from '../cli/signals.ts'
import type { ExitCode } from '../events.ts'
import { computeExitCode } from '../run/exit-code.ts'
import type { Sh } from '../sh.ts'
import type { Session } from '../transport/session.ts'
import { type CommandResult, runOnHost } from './run-on-host.ts'

export type RunOnHostsOptions = {
  readonly fragment: Sh
  /** Time limit on each host. */
  readonly seconds: number
  /** Hosts at a time. */
  readonly forks: number
  /** Receives each result as it arrives. */
  readonly heard?: (result: CommandResult) => void
}

/**
 * Runs a fragment on many hosts; returns the results in the order of the sessions. The first Ctrl-C
 * kills the running commands with all their children and starts no others. The second closes the
 * connections.
 */
export const runOnHosts = async (
  sessions: readonly Session[],
  { fragment, seconds, forks, heard = () => {} }: RunOnHostsOptions,
): Promise<CommandResult[]> => {
  const limit = pLimit(forks)
  const stop = listenForInterrupts(
    () => void Promise.allSettled(sessions.map(session => session.interrupt('kill'))),
    () => void Promise.allSettled(sessions.map(session => session.end())),
  )
  const ask = async (session: Session): Promise<CommandResult> => {
    const found = await runOnHost(session, fragment, seconds)
    const wasKilled = stop.requested && found.is === 'ended' && found.exitCode > 128
    const result = wasKilled ? markInterrupted(found.host) : found
    heard(result)
    return result
  }
  try {
    return await Promise.all(sessions.map(session => limit(() => ask(session))))
  } finally {
    stop.release()
  }
}

const markInterrupted = (host: string): CommandResult => ({
  host,
  is: 'interrupted',
  error: { message: 'killed while it ran' },
})

/**
 * Chooses the exit code, as a playbook does: 2 if the command failed on a host, 4 if none failed
 * and one was unreachable, 130 if interrupted.
 */
export const chooseExitCode = (all: readonly CommandResult[]): ExitCode =>
  computeExitCode(
    all.map(one => ({
      result: one.is === 'ended' ? (one.exitCode === 0 ? 'ok' : 'failed') : one.is,
      outcomes: [],
    })),
    { interrupted: all.some(({ is }) => is === 'interrupted'), threw: false, differences: false },
  )
