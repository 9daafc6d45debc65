import { userInfo } from 'node:os'
import type { Secret } from '../../secret.ts'
import type { ReachableHost } from '../host.ts'
import type { SshConfig, SshConfigs } from './config.ts'
import { Rejected } from './rejected-error.ts'
import { defaultKnownHosts, formatEndpoint, type Target } from './target.ts'

/**
 * What somebody set for a host. What is left out, ssh's configuration may say; else the default
 * holds.
 */
export type LoginSettings = {
  /** Name in the inventory. */
  readonly host: string
  /** IP address or DNS name. Default: what ssh calls this host (HostName), or the name itself. */
  readonly address?: string | undefined
  /** Default 22. */
  readonly port?: number | undefined
  readonly user?: string | undefined
  /**
   * User where neither this nor ssh's configuration names one. Default: the user who runs this, as
   * with ssh.
   */
  readonly defaultUser?: string | undefined
  readonly identityFile?: string | undefined
  readonly knownHosts?: string | undefined
  /** Hosts to go through, as ssh writes them: `user@first:2222,second`, or `none`. */
  readonly proxyJump?: string | undefined
  readonly password?: Secret | undefined
}

/**
 * Reads how the inventory says to log in to a host. A setting that is only our default is left out
 * or named as such, because ssh's configuration takes precedence over it.
 */
export const readLoginSettings = (host: ReachableHost): LoginSettings => {
  const set = (name: string) =>
    host.layers.some(({ level, values }) => level !== 'default' && name in values)
  const { name, address, identityFile, knownHosts, port, user } = host
  const login = set('user') ? { user } : { defaultUser: user }
  return {
    host: name,
    address,
    identityFile,
    knownHosts,
    port: set('port') ? port : undefined,
    ...login,
  }
}

/**
 * A host's target: what is set goes before ssh's configuration (null: it is left unread, as in the
 * lab), which goes before the
 * defaults. Rejects with Rejected where ssh's cannot be followed.
 */
export const resolveTarget = (want: LoginSettings, configs: SshConfigs | null): Promise<Target> =>
  resolve(want, configs, 0)

const resolve = async (
  want: LoginSettings,
  configs: SshConfigs | null,
  depth: number,
): Promise<Target> => {
  const said: SshConfig = configs ? await configs(want.host, want.address) : {}
  const hops = listHops(want, said, depth)
  const jumps = await Promise.all(
    hops.map(async hop => ({ ...(await resolve(hop, configs, depth + 1)), host: nameHop(hop) })),
  )
  const target = buildTarget(want, said)
  if (depth > 0 && target.knownHosts)
    return {
      ...target,
      knownHosts: [...target.knownHosts, ...defaultKnownHosts()],
      jumps: flattenJumps(jumps),
    }
  return jumps.length > 0 ? { ...target, jumps: flattenJumps(jumps) } : target
}

/** The target without its way. */
const buildTarget = (want: LoginSettings, said: SshConfig): Target => {
  const { identitiesOnly, agent, hostKeyAlias } = said
  const identityFiles = want.identityFile ? [want.identityFile] : said.identityFiles
  const knownHosts = want.knownHosts ? [want.knownHosts] : said.knownHosts
  return {
    host: want.host,
    address: want.address ?? said.address ?? want.host,
    port: want.port ?? said.port ?? 22,
    user: want.user ?? said.user ?? want.defaultUser ?? userInfo().username,
    ...(identityFiles && { identityFiles }),
    ...(identitiesOnly && { identitiesOnly }),
    ...(agent !== undefined && { agent }),
    ...(knownHosts && { knownHosts }),
    ...(hostKeyAlias && { hostKeyAlias }),
    ...(want.password && { password: want.password }),
  }
}

/** Jump hosts that are reached through jump hosts: more of them than anybody has is a circle. */
const deepest = 8

/** The jump hosts of a host. Only the first of several has its own route: ssh does the same. */
const listHops = (
  want: LoginSettings,
  { proxyJump, proxyCommand = 'none' }: SshConfig,
  depth: number,
): LoginSettings[] => {
  const refuse = (message: string, next: string) => new Rejected(want.host, message, { next })
  const way = want.proxyJump ?? proxyJump ?? 'none'
  if (depth > deepest)
    throw refuse(
      `is reached through more than ${deepest} jump hosts`,
      'Does ProxyJump in ~/.ssh/config go in a circle?',
    )
  if (way !== 'none')
    return way
      .split(',')
      .map((hop, i) => ({ ...parseJump(hop.trim(), want), proxyJump: i > 0 ? 'none' : undefined }))
  if (proxyCommand === 'none') return []
  throw refuse(
    'ssh is configured to reach it by a ProxyCommand, which is not followed',
    'Use ProxyJump in ~/.ssh/config.',
  )
}

/** What messages call a jump host: what `enrol` takes. */
const nameHop = ({ host, port }: LoginSettings): string =>
  port ? formatEndpoint(host, port) : host

/** Jump hosts with their own before them. */
const flattenJumps = (jumps: readonly Target[]): Target[] =>
  jumps.flatMap(({ jumps: before = [], ...jump }) => [...before, jump])

/** One hop of a ProxyJump. Its key may be in the host's own known_hosts file. */
const parseJump = (text: string, { host, knownHosts }: LoginSettings): LoginSettings => {
  const hop = parseTypedHost(text)
  if (!hop)
    throw new Rejected(host, `cannot read the jump host ${text}`, {
      next: 'Write it as user@host:port.',
    })
  return { ...hop, knownHosts }
}

/**
 * Parses a host as people type one: `user@host:port`, `[::1]:22`, `ssh://user@host`. Null if it
 * cannot be one.
 */
export const parseTypedHost = (text: string): LoginSettings | null => {
  const [, user, bracketed, plain, port] =
    /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[(.+)\]|([^:[\]@]+))(?::(\d+))?\/?$/.exec(text) ?? []
  const host = bracketed ?? plain
  return host ? { host, user, port: port ? Number(port) : undefined } : null
}
