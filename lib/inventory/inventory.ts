import type { Layer } from './layers.ts'
import type { Bucket } from './schema.ts'
import type { Settings } from './settings.ts'

/** A value that YAML can write. */
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value }

/**
 * What is known of a host, a cluster or an environment: the typed settings, and the free variables
 * of `vars:`.
 */
export type Vars = Settings & { readonly [name: string]: unknown }

/** Whatever has variables, and the layers they come from, the weakest first. */
export interface Subject {
  readonly name: string
  /** Merged on first use: 5,000 hosts must load fast. */
  readonly vars: Vars
  readonly layers: readonly Layer[]
}

/** A server that we manage. */
export interface Host extends Subject {
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
  readonly cluster: Cluster
  /** Whether it is a manager of its cluster's swarm. Default: the first server of a cluster is. */
  readonly manager: boolean
  /** Names that select it in a pattern: `all`, its cluster, its environments, its own `groups`. */
  readonly groups: readonly string[]
  /** Labels of its swarm node. */
  readonly labels: Readonly<Record<string, string>>
}

/** Servers that form one Docker Swarm, with one set of tools. */
export interface Cluster extends Subject {
  /** Its name as people write it. Default: its key. */
  readonly title: string
  /** The tools answer under it: traefik.DOMAIN, portainer.DOMAIN, grafana.DOMAIN, loki.DOMAIN. */
  readonly domain: string
  readonly hosts: readonly Host[]
}

/** One instance of the shop, placed in a cluster. */
export interface Environment extends Subject {
  /** Its name as people write it. Default: its key. */
  readonly title: string
  /** The server that holds its stateful services. */
  readonly server: Host
  readonly cluster: Cluster
  /** Host names that the cluster's Traefik routes to it. */
  readonly hosts: readonly string[]
  /** S3 bucket of its assets. */
  readonly bucket?: Bucket | undefined
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
