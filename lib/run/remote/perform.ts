import { lacking } from '../../converge/exchange.ts'
import type { Change, Output } from '../../operation.ts'
import { ShellLost } from '../../transport/byte-reader.ts'
import { Stopped, Unreachable } from '../../transport/connection.ts'
import { trip } from '../../transport/protocol/round-trip.ts'
import { deadline } from '../../transport/protocol/script.ts'
import type { Session } from '../../transport/session.ts'
import { CommandError } from './output.ts'

/**
 * Seconds that the host may take to end what is past its deadline, a package manager's minute among
 * them, and the link its own.
 */
const MARGIN = 150

/**
 * Runs one change as root, in a shell of its own beside the session's. A lost link is Unreachable,
 * never an exit code. No lease is taken. `what` names it.
 */
export const perform = (session: Session, what: string, change: Change): Promise<Output> =>
  session.beside(async shell => {
    let output: Output | undefined
    let lacks: readonly string[] = []
    const round = {
      lease: null,
      steps: [{ change: { id: 0, change } }],
      probes: [],
      seconds: deadline(change) + MARGIN,
    }
    await trip(shell, round, frame => {
      if (frame.is === 'missing') lacks = frame.tools
      if (frame.is === 'changed') output = frame.output
    }).catch((cause: unknown) => {
      if (!(cause instanceof ShellLost)) throw cause
      const lost = `the link was lost while ${what} was running: what became of it is not known`
      throw new Unreachable(session.host, `${lost} (${cause.message})`, { cause })
    })
    if (lacks.length > 0)
      throw new CommandError({ host: session.host, command: what, why: lacking(lacks).message })
    if (!output) throw new Stopped(session.host)
    return output
  })
