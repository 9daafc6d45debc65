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
export const findOccupant = async (): Promise<string | null> => pickOccupant(await readRoutes())

/** Picks that device from the rows of /proc/net/route. */
export const pickOccupant = (routes: readonly (readonly string[])[]): string | null =>
  routes.find(([device = '', to = '']) => isInSpace(to) && !isOwnDevice(device, to))?.[0] ?? null

/** Whether a destination of /proc/net/route is in the lab's space. Its bytes are backwards. */
const isInSpace = (to: string): boolean =>
  to.slice(4) === [net, 10].map(part => part.toString(16).padStart(2, '0').toUpperCase()).join('')

/** Whether a device is one of the lab's, or a network on its engine, which has it from its pool. */
const isOwnDevice = (device: string, to: string): boolean =>
  Object.values(bridge).includes(device as never) ||
  (/^br-[0-9a-f]{12}$/.test(device) && Number.parseInt(to.slice(2, 4), 16) >= 128)

const readRoutes = async () =>
  (await readFile('/proc/net/route', 'utf8').catch(() => ''))
    .split('\n')
    .map(line => line.split('\t'))
