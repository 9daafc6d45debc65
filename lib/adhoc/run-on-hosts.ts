import pLimit from 'p-limit'
import { listenForInterrupts } from '../cli/signals.ts'
import type { ExitCode } from '../events.ts'
import { computeExitCode } from '../run/exit-code.ts'
import type { Sh } from '../sh.ts'
import type { Session } from '../transport/session.ts'
import { type CommandResult, runOnHost } from './run-on-host.ts'

export type RunOnHostsOptions = {
  readonly fragment: Sh
  /** Seconds that it may take on each host. */
  readonly seconds: number
  /** Hosts at a time. */
  readonly forks: number
  /** Told of each answer as it comes. */
  readonly heard?: (answer: CommandResult) => void
}

/**
 * Runs a fragment on many hosts. The answers are in the order of the sessions. The first Ctrl-C
 * ends what runs, with all its children, and begins no
 * other; the second lets the hosts go.
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
    const said = await runOnHost(session, fragment, seconds)
    const told =
      stop.requested && said.is === 'ended' && said.rc > 128 ? markInterrupted(said.host) : said
    heard(told)
    return told
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
  error: { message: 'ended while it ran' },
})

/**
 * As of a playbook: 2 where the command failed on a host, 4 where one was unreachable and none
 * failed, 130 interrupted.
 */
export const chooseExitCode = (all: readonly CommandResult[]): ExitCode =>
  computeExitCode(
    all.map(one => ({
      result: one.is === 'ended' ? (one.rc === 0 ? 'ok' : 'failed') : one.is,
      outcomes: [],
    })),
    { interrupted: all.some(({ is }) => is === 'interrupted'), threw: false, differences: false },
  )
