/** What all playbooks agree on about a cluster. */
import type { Cluster, Host, Inventory } from '../lib/inventory/inventory.ts'
import { findManagers } from '../roles/swarm/settings.ts'

/**
 * The overlay network that a cluster's Traefik shares with its tools: what runs in an environment
 * does not reach Loki.
 */
export const TOOLS_NETWORK = 'tools'

/**
 * The overlay network that a cluster's Traefik shares with one environment, and that no other
 * environment is on.
 */
export const nameEdge = (environment: string): string => `edge-${environment}`

/** Those of all environments of a cluster, in an order that stays. */
export const nameEdges = ({ environments }: Inventory, cluster: Cluster): string[] =>
  [...environments.values()]
    .filter(environment => environment.cluster === cluster)
    .map(({ name }) => nameEdge(name))
    .sort()

/** Where the lab's hosts keep the authorities that sign the lab's certificates. */
export const LAB_ROOT = '/etc/brd/acme-root.pem'

/**
 * The manager that creates the swarm and that stacks are deployed on. Throws where a cluster has
 * none.
 */
export const findFirstManager = ({ hosts, title }: Cluster): Host => {
  const [first] = findManagers(hosts)
  if (!first) throw new Error(`${title} has no manager`)
  return first
}
