import { describeExit } from '../errors/exit-status.ts'
import type { Output } from '../operation.ts'
import type { Sh } from '../sh.ts'
import { ShellLost } from './byte-reader.ts'
import { Unreachable } from './connection.ts'
import { MissingTools } from './protocol/missing-tools.ts'
import { probe, type Reading } from './protocol/probe.ts'
import type { Session } from './session.ts'

/** How often a reading is tried when the link is lost. */
const TRIES = 3

/** The last reading of each host: the next one waits for it, because they share a shell. */
const queues = new WeakMap<Session, Promise<unknown>>()

/**
 * Runs a fragment that only reads as root on a host, between two plays, and returns what it
 * printed. Readings of one host run one after another, and again after a lost link. A failed
 * fragment is an error that names the host and `what` was read.
 */
export const readFromHost = async (
  session: Session,
  what: string,
  fragment: Sh,
  seconds = 60,
): Promise<Buffer> => {
  const before = queues.get(session) ?? Promise.resolve()
  const mine = before.then(() => tryReading(session, what, { fragment, seconds }))
  // The caller gets the failure; the queue only waits for the end.
  const ended = mine.catch(() => {})
  queues.set(session, ended)
  const { exitCode, stdout, stderr } = await mine
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
