import { exchange } from '../converge/exchange.ts'
import { slots } from '../converge/plan.ts'
import type { Failure } from '../events.ts'
import { operation } from '../operation.ts'
import { join, type Sh, sh } from '../sh.ts'
import { ShellLost } from '../transport/byte-reader.ts'
import { Stopped, Unreachable } from '../transport/connection.ts'
import type { Session } from '../transport/session.ts'

/** What became of a command on a host. `error` says why nothing, or not all, is known of it. */
export type Answer = { readonly host: string } & (
  | { readonly is: 'ended'; readonly rc: number; readonly stdout: string; readonly stderr: string }
  | { readonly is: 'failed' | 'unreachable' | 'interrupted'; readonly error: Failure }
)

/** A command as the operation that the wire knows: it is only run, nothing is planned of it. */
const command = operation('command', {
  name: ({ fragment }: { readonly fragment: Sh }) => fragment.text.slice(0, 60),
  // Files that it makes are as a login's are.
  probe: ({ fragment }) => join([sh`umask 022`, fragment]),
  read: out => out.rc,
  plan: () => null,
})

/**
 * Runs a fragment once as root on a host, without stdin, and ends it with all its children after so
 * many seconds. Takes no lease. Never rejects.
 */
export const answer = async (session: Session, fragment: Sh, seconds: number): Promise<Answer> => {
  const { host } = session
  try {
    const all = slots([{ ...command({ fragment }), probeSeconds: seconds }])
    const { trouble } = await exchange(await session.shell(), all, [], null, {
      started: () => {},
      ended: () => {},
      waiting: () => {},
    })
    const output = all[0]?.output
    if (trouble || !output)
      return {
        host,
        is: 'failed',
        error: trouble?.failure ?? { message: 'the host did not say how it ended' },
      }
    const { rc, stdout, stderr } = output
    if (rc === 124)
      return {
        host,
        is: 'failed',
        error: {
          message: `not done within ${seconds} s, and ended`,
          stderr,
          next: 'give it more: --seconds',
        },
      }
    return { host, is: 'ended', rc, stdout: stdout.toString(), stderr }
  } catch (error) {
    return { host, ...broken(error) }
  }
}

const broken = (
  error: unknown,
): { readonly is: 'failed' | 'unreachable' | 'interrupted'; readonly error: Failure } => {
  if (error instanceof Stopped) return { is: 'interrupted', error: { message: 'not begun' } }
  if (error instanceof ShellLost)
    return {
      is: 'unreachable',
      error: { message: `the link was lost, and what became of it is not known: ${error.message}` },
    }
  const message = error instanceof Error ? error.message : String(error)
  const next =
    error instanceof Error && 'next' in error && typeof error.next === 'string'
      ? { next: error.next }
      : {}
  return {
    is: error instanceof Unreachable ? 'unreachable' : 'failed',
    error: { message, ...next },
  }
}
