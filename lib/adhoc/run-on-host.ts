import { toFailure } from '../errors/failure.ts'
import type { Failure } from '../events.ts'
import { join, type Sh, sh } from '../sh.ts'
import { ShellLost } from '../transport/byte-reader.ts'
import { Stopped, Unreachable } from '../transport/connection.ts'
import { probe } from '../transport/protocol/probe.ts'
import type { Session } from '../transport/session.ts'

/** The result of a command on a host. `error` says why the outcome is unknown. */
export type CommandResult = { readonly host: string } & (
  | {
      readonly is: 'ended'
      readonly exitCode: number
      readonly stdout: string
      readonly stderr: string
    }
  | { readonly is: 'failed' | 'unreachable' | 'interrupted'; readonly error: Failure }
)

/**
 * Runs a fragment once as root on a host, without stdin. After `seconds` it is killed with all its
 * children. Takes no lease, and never rejects.
 */
export const runOnHost = async (
  session: Session,
  fragment: Sh,
  seconds: number,
): Promise<CommandResult> => {
  const { host } = session
  try {
    // Files that the command creates get the mode that a login's would.
    const command = { fragment: join([sh`umask 022`, fragment]), seconds }
    const [output] = await session.turns.take(async () => probe(await session.shell(), [command]))
    if (!output) return { host, is: 'failed', error: { message: 'the host sent no answer' } }
    const { exitCode, stdout, stderr, cut } = output
    if (cut !== undefined)
      return { host, is: 'failed', error: { message: cut, next: 'Write it to a file there.' } }
    if (exitCode === 124)
      return {
        host,
        is: 'failed',
        error: {
          message: `killed after its time limit of ${seconds} s`,
          stderr,
          next: 'Use a longer limit: --seconds NUMBER.',
        },
      }
    return { host, is: 'ended', exitCode, stdout: stdout.toString(), stderr }
  } catch (error) {
    return { host, ...classifyError(error) }
  }
}

const classifyError = (
  error: unknown,
): { readonly is: 'failed' | 'unreachable' | 'interrupted'; readonly error: Failure } => {
  if (error instanceof Stopped) return { is: 'interrupted', error: { message: 'not begun' } }
  if (error instanceof ShellLost)
    return {
      is: 'unreachable',
      error: { message: `the link was lost and the outcome is unknown: ${error.message}` },
    }
  return { is: error instanceof Unreachable ? 'unreachable' : 'failed', error: toFailure(error) }
}
