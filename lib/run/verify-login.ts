import type { Failure } from '../events.ts'
import { type Reach, Session } from '../transport/session.ts'

/** Logs in once more and becomes root, beside the login that stands. Null when that works. */
export const secondLogin = async (reach: Reach): Promise<Failure | null> => {
  const second = new Session(reach)
  try {
    await second.shell()
    return null
  } catch (cause) {
    return {
      message: `a second login failed: ${cause instanceof Error ? cause.message : cause}`,
      next: 'The first login worked all along: look at sshd, the firewall and sudo there, by a console if need be.',
    }
  } finally {
    await second.end()
  }
}
