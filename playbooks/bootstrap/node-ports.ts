import type { Allow } from '../../lib/operations/firewall/rules.ts'

const PORTS = [
  { port: 2377, proto: 'tcp' },
  { port: 7946, proto: 'tcp' },
  { port: 7946, proto: 'udp' },
  { port: 4789, proto: 'udp' },
] as const

/**
 * Lists the ports, and the protocol of encrypted overlay networks, that the servers of a swarm open
 * to each other and to no other address: VXLAN
 * does not authenticate.
 */
export const listNodePorts = (addresses: readonly string[]): Allow[] =>
  [...PORTS, { proto: 'esp' } as const].map(rule => ({ ...rule, from: addresses }))
