import { describeExit } from '../errors/exit-status.ts'
import type { Output } from '../operation.ts'
import type { Sh } from '../sh.ts'
import { ShellLost } from './byte-reader.ts'
import { Stopped, Unreachable } from './connection.ts'
import { probe, type Reading } from './protocol/probe.ts'
import { MissingTools } from './protocol/unfit-host.ts'
import type { Session } from './session.ts'

/** How often a reading is tried when the link is lost. */
const TRIES = 3

/**
 * Runs a fragment that only reads as root on a host, between two plays, and returns what it
 * printed. It takes its turn among what uses the host's shell, and runs again after a lost link. A
 * failed fragment is an error that names the host and `what` was read. Rejects with Stopped after
 * an
 * interruption.
 */
export const readFromHost = async (
  session: Session,
  what: string,
  fragment: Sh,
  seconds = 60,
): Promise<Buffer> => {
  const { exitCode, stdout, stderr, cut } = await session.turns.take(async () => {
    if (session.isInterrupted) throw new Stopped(session.host)
    return tryReading(session, what, { fragment, seconds })
  })
  if (cut !== undefined) throw new Error(`${session.host}: ${what}: ${cut}`)
  if (exitCode === 0) return stdout
  const why =
    exitCode === 124 ? `not done within ${seconds} s` : stderr.trim() || describeExit(exitCode)
  throw new Error(`${session.host}: ${what}: ${why}`)
}

const tryReading = async (
  session: Session,
  what: string,
  reading: Reading,
  tries = TRIES,
): Promise<Output> => {
  const shell = await session.shell()
  try {
    const [output] = await probe(shell, [reading])
    return output as Output
  } catch (error) {
    if (error instanceof MissingTools)
      throw new Error(`${session.host}: ${error.message}`, { cause: error })
    if (!(error instanceof ShellLost)) throw error
    shell.drop()
    if (tries > 1) return tryReading(session, what, reading, tries - 1)
    throw new Unreachable(
      session.host,
      `the link was lost while ${what} was read: ${error.message}`,
      { cause: error },
    )
  }
}
