import type { HostName } from '../../scripts/lab/network.ts'
import { reset } from '../../scripts/lab/up.ts'
import type { LabHost } from './lab-host.ts'

/**
 * These hosts are as new. Another test file may be at the lab just then: its turn is waited for,
 * ten minutes at most, since several may be before this one.
 */
export const resetHosts = async (...hosts: readonly HostName[]): Promise<void> => {
  for (
    const until = performance.now() + 600_000;
    ;
    await new Promise(resolve => setTimeout(resolve, 500))
  )
    try {
      return await reset(hosts, () => {})
    } catch (error) {
      if (
        !(error instanceof Error && /the lab is busy/.test(error.message)) ||
        performance.now() > until
      )
        throw error
    }
}

/**
 * The host is in no swarm: as new where an earlier file left it in one. Before its session is
 * begun.
 */
export const leaveSwarm = async (host: LabHost, name: HostName): Promise<void> => {
  const state = host
    .root("docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null || echo inactive")
    .trim()
  if (state !== 'inactive') await resetHosts(name)
}
