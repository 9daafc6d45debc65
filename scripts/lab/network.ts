/**
 * The lab's addresses: fixed, so that keys, names and mirrors stay right from one `up` to the next.
 */
import { readFile } from 'node:fs/promises'

/**
 * The second number of all addresses. Set `BRD_LAB_NET` where 10.213.0.0/16 is taken, or for a lab
 * beside another. Default: 213.
 */
const net = Number(process.env.BRD_LAB_NET ?? 213)

// A second lab must not share a name with the first: both may live in the user's one engine.
const own = net === 213 ? '' : `-${net}`

/** What all that Docker keeps for this lab is labelled with; `down` looks for nothing else. */
export const label = `brd.lab=${own ? net : 1}`

/** The container that is a host, or a service. */
export const nameContainer = (name: string): string => `brd-lab${own}-${name}`

/** Everything of the lab lives in it. */
export const space = `10.${net}.`

/** The bridges on this machine. A name of at most 15 characters is a kernel rule. */
export const bridge = { engine: `brd-lab-e${net}`, hosts: `brd-lab-h${net}` } as const

/** Where containers of image builds live, in the lab's own engine. */
export const engineSubnet = `${space}0.1/24`

/** What the lab's own engine takes other networks from. */
export const pools = [{ base: `${space}128.0/17`, size: 24 }]

/** The network that all hosts are on. */
export const network = {
  name: `brd-lab${own}`,
  subnet: `${space}1.0/24`,
  gateway: `${space}1.1`,
} as const

/** The container with the lab's services: registry, names, certificates, package cache. */
export const infraAddress = `${space}1.2`

/** The container with the buckets. */
export const s3Address = `${space}1.3`

/**
 * Where this machine pushes images to: on the loopback, which every engine trusts without being
 * told so.
 */
export const pushPort = 50_000 + net * 10

/** The servers of the lab. */
export const hostAddresses = {
  'old-one': `${space}1.11`,
  'old-two': `${space}1.12`,
  'new-prod': `${space}1.21`,
  'infra-stage': `${space}1.22`,
} as const

export type HostName = keyof typeof hostAddresses
export const hostNames = Object.keys(hostAddresses) as HostName[]

/**
 * Bytes in a packet on this machine's way out; nested networks must not exceed it. Default: 1500.
 */
export const readUplinkMtu = async (): Promise<number> => {
  const device = (await readRoutes()).find(([, destination]) => destination === '00000000')?.[0]
  const mtu = device ? await readFile(`/sys/class/net/${device}/mtu`, 'utf8').catch(() => '') : ''
  return Number(mtu) || 1500
}

/** The device that already has addresses of the lab's space and is not the lab's, or null. */
export const findOccupant = async (): Promise<string | null> => {
  const prefix = [net, 10].map(part => part.toString(16).padStart(2, '0').toUpperCase()).join('')
  const other = (await readRoutes()).find(
    ([device, to]) => to?.slice(4) === prefix && !Object.values(bridge).includes(device as never),
  )
  return other?.[0] ?? null
}

const readRoutes = async () =>
  (await readFile('/proc/net/route', 'utf8').catch(() => ''))
    .split('\n')
    .map(line => line.split('\t'))
