/** The lab's addresses: fixed, so that keys, names and mirrors stay right from one `up` to the next. */
import { readFile } from 'node:fs/promises'

/** The bridges on this machine. A name of at most 15 characters is a kernel rule. */
export const bridge = { engine: 'brd-lab-engine', hosts: 'brd-lab0' } as const

/** Where containers of image builds live, in the lab's own engine. */
export const engineSubnet = '10.213.0.1/24'

/** What the lab's own engine takes other networks from. */
export const pools = [{ base: '10.213.128.0/17', size: 24 }]

/** The network that all hosts are on. */
export const network = { name: 'brd-lab', subnet: '10.213.1.0/24', gateway: '10.213.1.1' } as const

/** The container with the lab's services: registry, names, certificates, package cache. */
export const infra = '10.213.1.2'

/** The servers of the lab. */
export const addresses = {
  'old-one': '10.213.1.11',
  'old-two': '10.213.1.12',
  'new-prod': '10.213.1.21',
  'infra-stage': '10.213.1.22',
} as const

export type HostName = keyof typeof addresses
export const hostNames = Object.keys(addresses) as HostName[]

/** Bytes in a packet on this machine's way out; nested networks must not exceed it. Default: 1500. */
export const uplinkMtu = async (): Promise<number> => {
  const routes = (await readFile('/proc/net/route', 'utf8').catch(() => '')).split('\n').map(line => line.split('\t'))
  const device = routes.find(([, destination]) => destination === '00000000')?.[0]
  const mtu = device ? await readFile(`/sys/class/net/${device}/mtu`, 'utf8').catch(() => '') : ''
  return Number(mtu) || 1500
}
