import { OptionError } from '../../errors/option-error.ts'
import { type Family, normalizeRange, parseFamily } from './range.ts'

export type Rule = {
  /**
   * What to do with a match. `limit` allows at most six connections of an address in 30 seconds.
   */
  readonly rule: 'allow' | 'deny' | 'reject' | 'limit'
  /**
   * The destination port, a range `7000:7010`, or several: `80,443`. Ranges and lists require
   * `proto`. Default: any.
   */
  readonly port?: number | string
  /** Default: any. */
  readonly proto?: 'tcp' | 'udp'
  /** The source address or range: `10.0.0.0/8`. Default: any. */
  readonly from?: string
  /** The destination address or range. Default: any. */
  readonly to?: string
  /** `in`: to the host. `out`: from it. Default in. */
  readonly direction?: 'in' | 'out'
  /** The network interface. Default: any. */
  readonly interface?: string
}

const ANY = { 4: '0.0.0.0/0', 6: '::/0' } as const

/** Writes the rule as ufw stores it, once for each of its families. */
export const formatTuples = (rule: Rule, families: readonly Family[]): string[] => {
  const { proto = 'any', direction = 'in' } = rule
  const port = sortPorts(String(rule.port ?? 'any'))
  const [from, to] = [rule.from, rule.to].map(normalizeRange)
  const own = [from, to].flatMap(address => (address === undefined ? [] : parseFamily(address)))
  const way = rule.interface === undefined ? direction : `${direction}_${rule.interface}`
  return families
    .filter(family => own.every(one => one === family))
    .map(family =>
      [rule.rule, proto, port, to ?? ANY[family], 'any', from ?? ANY[family], way].join(' '),
    )
}

/** A stored rule: its action, protocol, ports and addresses, and the way in or out. */
const TUPLE = new RegExp(
  '^(route:)?(allow|deny|reject|limit)(_log|_log-all)?' +
    String.raw` (\S+) (\S+) (\S+) (\S+) (\S+) ((?:in|out)\S*)$`,
)

/**
 * Writes a stored rule as arguments of ufw; null if it is of another kind, such as a rule of an
 * application's profile.
 */
export const formatArguments = (tuple: string): readonly string[] | null => {
  const parts = TUPLE.exec(tuple)
  if (!parts) return null
  const [
    ,
    route,
    action = '',
    log,
    proto = '',
    dport = '',
    dst = '',
    sport = '',
    src = '',
    way = '',
  ] = parts
  const on = way.split('!').flatMap(one => {
    const [direction = '', ...name] = one.split('_')
    return name.length > 0 ? [direction, 'on', name.join('_')] : route ? [] : [direction]
  })
  const logged = log ? [log.slice(1)] : []
  const ports = (word: string) => (word === 'any' ? [] : ['port', word])
  return [
    ...(route ? ['route'] : []),
    action,
    ...on,
    ...logged,
    ...(proto === 'any' ? [] : ['proto', proto]),
    'from',
    src,
    ...ports(sport),
    'to',
    dst,
    ...ports(dport),
  ]
}

/** Checks what ufw would refuse, or would store in other words. */
export const checkRule = (rule: Rule): void => {
  const text = JSON.stringify(rule)
  const { port = 'any', proto, from, to } = rule
  if (
    !/^(any|\d{1,5}([:,]\d{1,5})*)$/.test(String(port)) ||
    String(port)
      .match(/\d+/g)
      ?.some(one => Number(one) < 1 || Number(one) > 65535)
  )
    throw new OptionError({
      message: `${text}: ${port} is not a port`,
      next: 'use a port, a range such as 7000:7010, or several such as 80,443',
    })
  if (/[:,]/.test(String(port)) && proto === undefined)
    throw new OptionError({
      message: `${text}: several ports require a protocol`,
      next: 'set proto to tcp or udp',
    })
  for (const address of [from, to])
    if (address !== undefined && parseFamily(address) === 0)
      throw new OptionError({
        message: `${text}: ${address} is not an address or a range`,
        next: 'use an address such as 10.0.0.1 or a range such as 10.0.0.0/8',
      })
  if (rule.interface !== undefined && !/^[\w.@-]{1,15}$/.test(rule.interface))
    throw new OptionError({
      message: `${text}: ${rule.interface} is not a network interface`,
      next: 'use its name, such as eth0',
    })
}

/** Sorts several ports by number, as ufw does. */
const sortPorts = (port: string): string =>
  port
    .split(',')
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .join(',')
