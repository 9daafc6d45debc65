import type { Host } from '../inventory/inventory.ts'
import { askSecret, canAsk } from '../report/ask.ts'
import type { Secret } from '../secret.ts'
import { createConnectors } from '../transport/connector.ts'
import { Session } from '../transport/session.ts'

/**
 * Opens a session for each host and keeps it from command to command. The rules are those of a
 * run: strict host keys, the agent, and ~/.ssh/config unless the hosts are the lab's.
 */
export const openSessions = (
  lab: boolean,
  sudoPassword: Secret | null,
  inventory?: string,
): ((host: Host) => Session) => {
  const reach = createConnectors({
    sshConfig: !lab,
    inventory,
    ...(sudoPassword ? { sudoPassword } : {}),
    ...(canAsk() ? { ask: question => askSecret(question, 'Add the key to an ssh agent.') } : {}),
    onConnect: () => {},
  })
  const open = new Map<Host, Session>()
  return host => {
    const session = open.get(host) ?? new Session(reach(host))
    open.set(host, session)
    return session
  }
}
