import { exchange } from '../converge/exchange.ts'
import { slots } from '../converge/plan.ts'
import { type Output, operation } from '../operation.ts'
import type { Sh } from '../sh.ts'
import { ShellLost } from './byte-reader.ts'
import { Unreachable } from './connection.ts'
import type { Session } from './session.ts'

/** How often a look whose link was lost is taken again. */
const TRIES = 3

/** The last look at each host: the next one waits for it, as they share a shell. */
const turns = new WeakMap<Session, Promise<unknown>>()

/**
 * What a fragment prints that only reads, run as root on a host between two plays. Looks at one
 * host take turns, and are taken again where the link was lost.
 * An exit code that is not 0 is an error that names the host and `what` was looked at.
 */
export const look = async (
  session: Session,
  what: string,
  probe: Sh,
  seconds = 60,
): Promise<Buffer> => {
  const before = turns.get(session) ?? Promise.resolve()
  const mine = before.then(() => taken(session, what, probe, seconds))
  turns.set(
    session,
    mine.catch(() => {}),
  ) // it is told to the one who asked
  const { rc, stdout, stderr } = await mine
  if (rc === 0) return stdout
  throw new Error(
    `${session.host}: ${what}: ${rc === 124 ? `not done within ${seconds} s` : stderr.trim() || `exit ${rc}`}`,
  )
}

const taken = async (
  session: Session,
  what: string,
  probe: Sh,
  seconds: number,
  tries = TRIES,
): Promise<Output> => {
  const shell = await session.shell()
  const asked = operation('look', {
    name: () => what,
    probe: () => probe,
    read: out => out.rc,
    plan: () => null,
    probeSeconds: seconds,
  })
  const all = slots([asked({})])
  try {
    const { trouble } = await exchange(shell, all, [], null, {
      started: () => {},
      ended: () => {},
      waiting: () => {},
    })
    if (trouble) throw new Error(`${session.host}: ${trouble.failure.message}`)
    return all[0]?.output ?? { rc: 1, stdout: Buffer.alloc(0), stderr: 'nothing was printed' }
  } catch (error) {
    if (!(error instanceof ShellLost)) throw error
    shell.drop()
    if (tries > 1) return taken(session, what, probe, seconds, tries - 1)
    throw new Unreachable(
      session.host,
      `the link was lost while ${what} was read: ${error.message}`,
      { cause: error },
    )
  }
}
