import type { Host, Inventory } from '../inventory/inventory.ts'
import { selectHosts } from '../inventory/pattern.ts'
import type { Session } from '../transport/session.ts'
import { buildCommand } from './command.ts'
import type { CommandResult } from './run-on-host.ts'
import { runOnHosts } from './run-on-hosts.ts'

/** Runs commands on hosts, one after another. */
export type HostConsole = {
  /** Runs a command on the hosts of a pattern: a line for their shells, or one program's words. */
  readonly ask: (
    pattern: string,
    command: string | readonly string[],
    seconds?: number,
  ) => Promise<CommandResult[]>
  readonly end: () => Promise<void>
}

/** Opens a console whose commands share connections. An interruption closes and reopens them. */
export const openConsole = (
  inventory: Inventory,
  limit: string | undefined,
  forks: number,
  open: () => (host: Host) => Session,
): HostConsole => {
  let sessionOf = open()
  let used = new Set<Session>()
  const end = async (): Promise<void> => {
    const all = [...used]
    used = new Set()
    sessionOf = open()
    await Promise.all(all.map(session => session.end()))
  }
  return {
    end,
    ask: async (pattern, command, seconds = 300) => {
      const sessions = selectHosts(inventory, pattern, limit).map(host => sessionOf(host))
      for (const session of sessions) used.add(session)
      const all = await runOnHosts(sessions, {
        fragment: buildCommand([command].flat()),
        seconds,
        forks,
      })
      if (all.some(({ is }) => is !== 'ended')) await end()
      return all
    },
  }
}
