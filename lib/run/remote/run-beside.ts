import type { Output } from '../../operation.ts'
import { ShellLost } from '../../transport/byte-reader.ts'
import { Stopped, Unreachable } from '../../transport/connection.ts'
import { runCommand, type ShellCommand } from '../../transport/protocol/run-command.ts'
import { MissingTools } from '../../transport/protocol/unfit-host.ts'
import type { Session } from '../../transport/session.ts'
import { CommandError } from './output.ts'

/**
 * Runs one command as root in its own shell beside the session's. A lost link is Unreachable,
 * never an exit code. No lease is taken. `what` names the command in messages.
 */
export const runBeside = (session: Session, what: string, command: ShellCommand): Promise<Output> =>
  session.beside(async shell => {
    try {
      const output = await runCommand(shell, command)
      if (output) return output
    } catch (cause) {
      if (cause instanceof MissingTools)
        throw new CommandError({ host: session.host, command: what, why: cause.message })
      if (!(cause instanceof ShellLost)) throw cause
      const lost = `the link was lost while ${what} was running; its outcome is unknown`
      throw new Unreachable(session.host, `${lost} (${cause.message})`, { cause })
    }
    throw new Stopped(session.host)
  })
