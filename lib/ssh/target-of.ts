import { userInfo } from 'node:os'
import type { Host } from '../inventory/inventory.ts'
import type { Secret } from '../secret.ts'
import type { SshConfig, SshConfigs } from './config.ts'
import { Rejected } from './rejected.ts'
import { defaultKnownHosts, type Target } from './target.ts'

/** What somebody set for a host. What is left out, ssh's configuration may say; else the default holds. */
export type Wanted = {
  /** Name in the inventory. */
  readonly host: string
  /** IP address or DNS name. Default: what ssh calls this host (HostName), or the name itself. */
  readonly address?: string | undefined
  /** Default 22. */
  readonly port?: number | undefined
  /** Default: the user who runs this, as with ssh. */
  readonly user?: string | undefined
  readonly identityFile?: string | undefined
  readonly knownHosts?: string | undefined
  /** Hosts to go through, as ssh writes them: `user@first:2222,second`, or `none`. */
  readonly proxyJump?: string | undefined
  readonly password?: Secret | undefined
}

/** What the inventory sets for a host. Defaults of ours are left out but for the user: ssh's configuration goes before them. */
export const wanted = (host: Host): Wanted => {
  const set = (name: string) => host.layers.some(({ level, values }) => level !== 'default' && name in values)
  const { name, address, identityFile, knownHosts } = host
  return {
    host: name,
    address,
    identityFile,
    knownHosts,
    port: set('port') ? host.port : undefined,
    user: set('user') ? host.user : undefined,
  }
}

export type TargetOptions = {
  /** The user's ssh configuration; null to leave it unread, as the lab does. */
  readonly configs: SshConfigs | null
  /** User where nobody names one. Default: the user who runs this. */
  readonly user?: string
}

/** A host's target: what is set goes before ssh's configuration, which goes before the defaults. Rejects with Rejected where ssh's cannot be followed. */
export const targetOf = async (want: Wanted, { configs, user }: TargetOptions): Promise<Target> => resolve(want, configs, user, 0)

/** Jump hosts that are reached through jump hosts: more of them than anybody has is a circle. */
const deepest = 8

const resolve = async (want: Wanted, configs: SshConfigs | null, user: string | undefined, depth: number): Promise<Target> => {
  const said: SshConfig = configs ? await configs(want.host, want.address) : {}
  const proxyJump = want.proxyJump ?? said.proxyJump ?? 'none'
  if (proxyJump === 'none' && said.proxyCommand && said.proxyCommand !== 'none')
    throw new Rejected(want.host, 'ssh is configured to reach it by a ProxyCommand, which is not followed', {
      next: 'Use ProxyJump in ~/.ssh/config.',
    })
  if (depth > deepest)
    throw new Rejected(want.host, `is reached through more than ${deepest} jump hosts`, {
      next: 'Does ProxyJump in ~/.ssh/config go in a circle?',
    })
  const hops = proxyJump === 'none' ? [] : proxyJump.split(',').map(hop => jump(hop.trim(), want))
  const jumps = await Promise.all(
    hops.map((hop, i) => resolve(i === 0 ? hop : { ...hop, proxyJump: 'none' }, configs, undefined, depth + 1)),
  )
  const { identitiesOnly, agent, hostKeyAlias } = said
  const identityFiles = want.identityFile ? [want.identityFile] : said.identityFiles
  const knownHosts = want.knownHosts ? [want.knownHosts] : said.knownHosts
  return {
    host: want.host,
    address: want.address ?? said.address ?? want.host,
    port: want.port ?? said.port ?? 22,
    user: want.user ?? said.user ?? user ?? userInfo().username,
    ...(identityFiles && { identityFiles }),
    ...(identitiesOnly && { identitiesOnly }),
    ...(agent !== undefined && { agent }),
    ...(knownHosts && { knownHosts: depth > 0 ? [...knownHosts, ...defaultKnownHosts()] : knownHosts }),
    ...(hostKeyAlias && { hostKeyAlias }),
    ...(jumps.length > 0 && { jumps: jumps.flatMap(hop => [...(hop.jumps ?? []), { ...hop, jumps: [] }]) }),
    ...(want.password && { password: want.password }),
  }
}

/** One hop of a ProxyJump: `user@host:port`, `[::1]:22`, `ssh://user@host:port`. Its key may stand in the host's own known_hosts file. */
const jump = (text: string, { host, knownHosts }: Wanted): Wanted => {
  const [, user, bracketed, plain, port] = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[(.+)\]|([^:[\]]+))(?::(\d+))?\/?$/.exec(text) ?? []
  const name = bracketed ?? plain
  if (!name) throw new Rejected(host, `cannot read the jump host ${text}`, { next: 'Write it as user@host:port.' })
  return { host: name, user, port: port ? Number(port) : undefined, knownHosts }
}
