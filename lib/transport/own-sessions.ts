import type { Host } from '../inventory/inventory.ts'
import { askSecret, canAsk } from '../report/ask.ts'
import type { Secret } from '../secret.ts'
import { reaches } from './connector.ts'
import { Session } from './session.ts'

/**
 * A session for each host, kept from command to command. The same rules as in a run: strict host
 * keys, the agent, ~/.ssh/config but for the lab.
 */
export const sessionsOf = (
  lab: boolean,
  sudoPassword: Secret | null,
): ((host: Host) => Session) => {
  const reach = reaches({
    sshConfig: !lab,
    ...(sudoPassword ? { sudoPassword } : {}),
    ...(canAsk() ? { ask: question => askSecret(question, 'Add the key to an ssh agent.') } : {}),
    connected: () => {},
  })
  const open = new Map<Host, Session>()
  return host => {
    const session = open.get(host) ?? new Session(reach(host))
    open.set(host, session)
    return session
  }
}
