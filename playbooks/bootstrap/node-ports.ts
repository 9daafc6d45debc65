import type { Allow } from '../../lib/operations/firewall/rules.ts'

const PORTS = [
  { port: 2377, proto: 'tcp' },
  { port: 7946, proto: 'tcp' },
  { port: 7946, proto: 'udp' },
  { port: 4789, proto: 'udp' },
] as const

/**
 * What the servers of a swarm let in from these addresses, its own, and from no other: VXLAN has no
 * authentication of its own.
 */
export const listNodePorts = (addresses: readonly string[]): Allow[] =>
  PORTS.map(rule => ({ ...rule, from: addresses }))
