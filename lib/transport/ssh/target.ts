import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Secret } from '../../secret.ts'

/**
 * The address of a host and how to log in. `resolveTarget` makes one from the inventory and
 * ~/.ssh/config.
 */
export type Target = {
  /** Name in the inventory: what messages call the host. */
  readonly host: string
  /** IP address or DNS name. */
  readonly address: string
  readonly port: number
  readonly user: string
  /** Private keys named for this host: offered first. Default: those that ssh itself looks for. */
  readonly identityFiles?: readonly string[]
  /**
   * Only the identity files are offered, not all that the agent holds (ssh's IdentitiesOnly).
   * Default false.
   */
  readonly identitiesOnly?: boolean
  /** Socket of the ssh agent, null for none. Default SSH_AUTH_SOCK. */
  readonly agent?: string | null
  /**
   * known_hosts files, the project's and the user's. Default ~/.ssh/known_hosts and
   * /etc/ssh/ssh_known_hosts.
   */
  readonly knownHosts?: readonly string[]
  /** Name to look the host key up by (ssh's HostKeyAlias). Default: the address with its port. */
  readonly hostKeyAlias?: string
  /** Hosts to go through, the first one first. Default none. */
  readonly jumps?: readonly Target[]
  /** The inventory that was named with -i: the command that enrols its key repeats it. */
  readonly inventory?: string
  /** Login password, tried after the keys. Default: none, keys only. */
  readonly password?: Secret
}

/** Private keys that ssh looks for when none is named. */
export const defaultIdentities = (): string[] =>
  ['id_ed25519', 'id_ecdsa', 'id_rsa'].map(name => join(homedir(), '.ssh', name))

/** The known_hosts files that ssh reads. */
export const defaultKnownHosts = (): string[] => [
  join(homedir(), '.ssh/known_hosts'),
  '/etc/ssh/ssh_known_hosts',
]

/** A path whose leading `~/` is the user's home. */
export const expandHome = (path: string): string =>
  path.startsWith('~/') ? join(homedir(), path.slice(2)) : path

/** `user@address:port`, as messages show it. */
export const formatTarget = ({ user, address, port }: Target): string =>
  `${user}@${formatEndpoint(address, port)}`

/** `address:port`, an IPv6 address in brackets. */
export const formatEndpoint = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
