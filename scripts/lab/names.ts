/** The names of the lab's world, and dnsmasq's words for them. */
import { join } from 'node:path'
import type { Cluster } from '../../lib/inventory/inventory.ts'
import { loadProject } from '../../lib/inventory/load-project.ts'
import { findProject } from '../../lib/inventory/project.ts'
import { type HostName, hostAddresses } from './network.ts'

/** The inventory of this checkout. */
export const inventoryFile = join(import.meta.dirname, '../../hosts.yaml')

/**
 * Domain to address. A domain covers itself and all names below it, as a wildcard record does.
 */
export type Names = Readonly<Record<string, string>>

/**
 * The domain of each cluster and the names of each environment, all at the cluster's entry point:
 * its first server that the lab has.
 */
export const readLabNames = async (path: string = inventoryFile): Promise<Names> => {
  const { clusters, environments } = await loadProject(findProject(import.meta.dirname, path))
  const entry = (cluster: Cluster) =>
    cluster.hosts.map(host => hostAddresses[host.name as HostName]).find(Boolean)
  const named = [
    ...[...clusters.values()].map(cluster => [cluster.vars.domain, entry(cluster)]),
    ...[...environments.values()].flatMap(({ vars: { hosts }, cluster }) =>
      hosts.map(name => [name, entry(cluster)]),
    ),
  ]
  return Object.fromEntries(named.filter(([, address]) => address))
}

/** The address that a name has in the lab, or null: the longest domain wins, as in DNS. */
export const lookUp = (names: Names, name: string): string | null => {
  const domains = Object.keys(names).filter(
    domain => name === domain || name.endsWith(`.${domain}`),
  )
  return names[domains.sort((a, b) => b.length - a.length)[0] ?? ''] ?? null
}

/** dnsmasq's configuration: these names, and no others under the same domains. */
export const renderDnsmasq = (names: Names): string =>
  Object.entries(names)
    .map(([domain, address]) => `address=/${domain}/${address}\n`)
    .join('')
