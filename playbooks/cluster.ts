/** What all playbooks agree on about a cluster. */
import type { Cluster, Host } from '../lib/inventory/inventory.ts'

/** The overlay network that a cluster's Traefik shares with the environments it routes to. */
export const PROXY = 'proxy'

/** Where the lab's hosts keep the authorities that sign the lab's certificates. */
export const LAB_ROOT = '/etc/brd/acme-root.pem'

/** The manager that creates the swarm and that stacks are deployed on. Throws where a cluster has none. */
export const firstManager = ({ hosts, title }: Cluster): Host => {
  const first = hosts.find(({ manager }) => manager)
  if (!first) throw new Error(`${title} has no manager`)
  return first
}
