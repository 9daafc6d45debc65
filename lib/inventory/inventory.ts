import type { z } from 'zod'
import type { Problem } from '../errors/input-error.ts'
import type { Declaration, RegisteredValues, RegisteredVars } from '../settings.ts'
import type { Layer } from './layers.ts'
import type { connection } from './schema.ts'

/** A value that YAML can write. */
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value }

type Connection = z.infer<z.ZodObject<typeof connection>>

/**
 * The settings of a cluster, and the free variables of `vars:` that settings.ts declares. One that
 * it does not declare may be set and read too, but the compiler does not know it.
 */
export type ClusterVars = Connection & RegisteredValues<'settings'> & RegisteredVars
/** The settings of a server, and its free variables. */
export type HostVars = ClusterVars & RegisteredValues<'server'>
/** The settings of an environment and of its server, and its free variables. */
export type EnvironmentVars = HostVars & RegisteredValues<'environment'>

/** Whatever has variables, and the layers they come from, the weakest first. */
export interface Subject {
  readonly name: string
  /**
   * Merged on first use: 5,000 hosts must load fast. Reading a name that is not set throws an
   * InputError that names its place, unless it is declared as optional: a misspelt one is never
   * undefined. `'name' in vars` says whether it is set.
   */
  readonly vars: ClusterVars
  readonly layers: readonly Layer[]
  /** The required settings of these roles that nobody sets. */
  findMissing(roles: readonly Declaration[]): readonly Problem[]
}

/** A server that we manage. */
export interface Host extends Subject {
  readonly vars: HostVars
  /** IP address or DNS name that is connected to. */
  readonly address: string
  /** Port of its sshd. Default 22. */
  readonly port: number
  /** User who logs in. Default root. */
  readonly user: string
  /** Whether commands need sudo to be root. Default: unless the user is root. */
  readonly sudo: boolean
  /** Private key file to log in with. Default: the agent's and ssh's own. */
  readonly identityFile?: string | undefined
  /** known_hosts file that its key is checked against. Default: ~/.ssh/known_hosts. */
  readonly knownHosts?: string | undefined
  /** Its cluster. Servers at the top of hosts.yaml share one that has no name in patterns. */
  readonly cluster: Cluster
  /** Names that select it in a pattern: `all`, its cluster, its environments, its own `groups`. */
  readonly groups: readonly string[]
}

/** Servers that belong together. */
export interface Cluster extends Subject {
  /** Its name as people write it. Default: its key. */
  readonly title: string
  readonly hosts: readonly Host[]
}

/** Something that is placed on a server and has variables that differ from the server's. */
export interface Environment extends Subject {
  readonly vars: EnvironmentVars
  /** Its name as people write it. Default: its key. */
  readonly title: string
  /** The server that it is placed on. */
  readonly server: Host
  readonly cluster: Cluster
}

/** All that hosts.yaml says, checked. Every map is in the file's order. */
export interface Inventory {
  readonly clusters: ReadonlyMap<string, Cluster>
  readonly hosts: ReadonlyMap<string, Host>
  readonly environments: ReadonlyMap<string, Environment>
  /** Every name that selects several hosts, but for `all`. */
  readonly groups: ReadonlyMap<string, readonly Host[]>
  /**
   * Names that the file has and the overlay leaves out, and the overlay's name: they must not be
   * connected to.
   */
  readonly absent: { readonly names: ReadonlySet<string>; readonly overlay: string | null }
}
