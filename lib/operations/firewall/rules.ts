import { BlockList, isIP } from 'node:net'
import { OptionError } from '../../errors/option-error.ts'

/** Allowed sources of connections, such as `10.0.0.0/8` or `2001:db8::1`. */
export type From = readonly string[]

export type Allow =
  | {
      /** A port of the host or one published by a container, or a range: `'7000-7010'`. */
      readonly port: number | `${number}-${number}`
      /** Default tcp. */
      readonly proto?: 'tcp' | 'udp'
      /** Default: anywhere. */
      readonly from?: From
    }
  | {
      /** A protocol without ports: `esp` carries encrypted overlay networks. */
      readonly proto: 'esp'
      readonly from?: From
      readonly port?: never
    }

export type SshRules = {
  /** All ports that sshd listens on. Default 22. */
  readonly ports?: readonly number[]
  /** Addresses of administrators, the controller's among them. Default: anywhere. */
  readonly from?: From
}

/**
 * Writes the whole rule set; each line begins with its family, 4 or 6. There are two chains:
 * BRD-INPUT for the host itself, and BRD-DOCKER, called from DOCKER-USER, for ports that containers
 * publish. Those connections never pass INPUT; the original destination port identifies them.
 */
export const formatRules = (allow: readonly Allow[], { ports = [22], from }: SshRules): string => {
  const all: readonly Allow[] = [
    ...ports.map(port => ({ port, ...(from ? { from } : {}) })),
    ...allow,
  ]
  return [4, 6]
    .flatMap(family =>
      [...formatInput(family, all), ...formatDocker(family, all)].map(
        line => `${family} ${line}\n`,
      ),
    )
    .join('')
}

/** Tests whether ssh rules with this `from` allow this address. */
export const allowsAddress = ({ from }: SshRules, address: string): boolean => {
  if (!from) return true
  const list = new BlockList()
  for (const range of from.map(parseRange))
    list.addSubnet(range.address, range.bits, `ipv${range.family}`)
  return list.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
}

/** Checks ports and addresses of the rules. */
export const checkRules = (
  allow: readonly Allow[],
  { ports = [22], from = [] }: SshRules,
): void => {
  for (const range of [...from, ...allow.flatMap(({ from }) => from ?? [])]) parseRange(range)
  for (const port of [...ports, ...allow.map(({ port }) => port ?? 1)])
    if (!isPort(port))
      throw new OptionError({
        message: `${port} is not a port`,
        next: 'use a port, or a range such as 7000-7010',
      })
  if (ports.length === 0)
    throw new OptionError({ message: 'ssh.ports is empty', next: 'list at least one port of ssh' })
}

const formatInput = (family: number, allow: readonly Allow[]): readonly string[] => [
  '-A BRD-INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A BRD-INPUT -i lo -j ACCEPT',
  ...(family === 4
    ? ['-A BRD-INPUT -p icmp -j ACCEPT']
    : [
        '-A BRD-INPUT -p ipv6-icmp -j ACCEPT',
        '-A BRD-INPUT -s fe80::/10 -p udp -m udp --dport 546 -j ACCEPT',
      ]),
  ...allow.flatMap(({ port, proto = 'tcp', from }) =>
    formatSources(family, from).map(source =>
      [
        `-A BRD-INPUT${source} -p ${proto}`,
        ...(port === undefined ? [] : [`-m ${proto} --dport ${formatRange(port)}`]),
        '-j ACCEPT',
      ].join(' '),
    ),
  ),
  '-A BRD-INPUT -j DROP',
]

const formatDocker = (family: number, allow: readonly Allow[]): readonly string[] => [
  '-A BRD-DOCKER -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
  ...['docker0', 'docker_gwbridge', 'br-+'].map(bridge => `-A BRD-DOCKER -i ${bridge} -j RETURN`),
  ...allow.flatMap(({ port, proto = 'tcp', from }) =>
    port === undefined
      ? []
      : formatSources(family, from).map(
          source =>
            `-A BRD-DOCKER${source} -p ${proto} -m conntrack --ctstate DNAT ` +
            `--ctorigdstport ${formatRange(port)} -j RETURN`,
        ),
  ),
  '-A BRD-DOCKER -m conntrack --ctstate DNAT -j DROP',
]

/** Writes ` -s RANGE` for each range of the family; a single empty text for anywhere. */
const formatSources = (family: number, from: From | undefined): readonly string[] =>
  from === undefined
    ? ['']
    : from
        .map(parseRange)
        .flatMap(range => (range.family === family ? [` -s ${range.address}/${range.bits}`] : []))

const formatRange = (port: number | string): string => String(port).replace('-', ':')

const isPort = (port: number | string): boolean => {
  const [first = 0, last = first, more] = String(port).split('-').map(Number)
  return (
    more === undefined &&
    [first, last].every(one => Number.isInteger(one) && one > 0 && one < 65536) &&
    first <= last
  )
}

const parseRange = (
  text: string,
): { readonly address: string; readonly bits: number; readonly family: 4 | 6 } => {
  const [address = '', bits, more] = text.split('/')
  const family = isIP(address)
  const most = family === 4 ? 32 : 128
  const length = bits === undefined ? most : Number(bits)
  if (
    family === 0 ||
    more !== undefined ||
    bits === '' ||
    !Number.isInteger(length) ||
    length < 0 ||
    length > most
  )
    throw new OptionError({
      message: `${JSON.stringify(text)} is not an address or a range`,
      next: 'use an address, or a range such as 10.0.0.0/8',
    })
  return { address, bits: length, family: family as 4 | 6 }
}
