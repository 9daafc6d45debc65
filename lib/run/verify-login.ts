import pLimit from 'p-limit'
import { toFailure } from '../errors/failure.ts'
import type { Failure } from '../events.ts'
import type { Host } from '../inventory/inventory.ts'
import { type Connector, Session } from '../transport/session.ts'
import type { RunContext } from './context.ts'

/** Proves that each host can still be logged in to. One that refuses has failed. */
export const verifyLogins = async (context: RunContext, hosts: readonly Host[]): Promise<void> => {
  const limit = pLimit(context.options.how.forks)
  const verify = async (host: Host): Promise<void> => {
    const error = await verifyLogin(context.createConnector(host))
    if (!error) return
    context.results.add(host, { result: 'failed', trips: 0, outcomes: [], error })
    const { emit } = context.openReport()
    emit({ type: 'host-finished', host: host.name, result: 'failed', trips: 0, ms: 0, error })
  }
  await Promise.all(context.limit.filterMatching(hosts).map(host => limit(() => verify(host))))
}

/** Logs in once more and becomes root, beside the open login. Returns null if that works. */
const verifyLogin = async (connector: Connector): Promise<Failure | null> => {
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
