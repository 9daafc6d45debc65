import { toFailure } from '../errors/failure.ts'
import type { Failure } from '../events.ts'
import { type Connector, Session } from '../transport/session.ts'

/** Logs in once more and becomes root, beside the open login. Returns null if that works. */
export const verifyLogin = async (connector: Connector): Promise<Failure | null> => {
  const session = new Session(connector)
  try {
    await session.shell()
    return null
  } catch (error) {
    return {
      message: `a second login failed: ${toFailure(error).message}`,
      next:
        'The first login still works: check sshd, the firewall and sudo there, ' +
        'by a console if need be.',
    }
  } finally {
    await session.end()
  }
}
