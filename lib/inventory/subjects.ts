import type { Cluster, Environment, Host, Subject, Vars } from './inventory.ts'
import { type Layer, merged } from './layers.ts'
import type { Bucket, RawEnvironment } from './schema.ts'

/** Something with variables, which are merged when first asked for and then kept. */
class Named implements Subject {
  readonly name: string
  readonly layers: readonly Layer[]
  #vars: Vars | undefined

  constructor(name: string, layers: readonly Layer[]) {
    this.name = name
    this.layers = layers
  }
  get vars(): Vars {
    this.#vars ??= merged(this.layers)
    return this.#vars
  }
}

/** What is known of a host besides its variables. */
export type Placement = Pick<Host, 'cluster' | 'groups' | 'manager' | 'labels'>

export class NamedHost extends Named implements Host {
  readonly cluster: Cluster
  readonly groups: readonly string[]
  readonly manager: boolean
  readonly labels: Readonly<Record<string, string>>

  constructor(
    name: string,
    layers: readonly Layer[],
    { cluster, groups, manager, labels }: Placement,
  ) {
    super(name, layers)
    this.cluster = cluster
    this.groups = groups
    this.manager = manager
    this.labels = labels
  }
  get address() {
    return String(this.vars['address'])
  }
  get port() {
    return this.vars.port
  }
  get user() {
    return this.vars.user
  }
  get sudo() {
    return this.vars.sudo ?? this.user !== 'root'
  }
  get identityFile() {
    return this.vars.identityFile
  }
  get knownHosts() {
    return this.vars.knownHosts
  }
}

export class NamedCluster extends Named implements Cluster {
  readonly title: string
  /** Filled while the inventory is built: a cluster and its hosts know each other. */
  readonly hosts: Host[] = []

  constructor(name: string, layers: readonly Layer[], title: string) {
    super(name, layers)
    this.title = title
  }
  get domain() {
    return this.vars.domain
  }
}

export class NamedEnvironment extends Named implements Environment {
  readonly title: string
  readonly server: Host
  readonly cluster: Cluster
  readonly hosts: readonly string[]
  readonly bucket: Bucket | undefined

  constructor(
    name: string,
    layers: readonly Layer[],
    server: Host,
    { title, hosts, bucket }: RawEnvironment,
  ) {
    super(name, layers)
    this.title = title ?? name
    this.server = server
    this.cluster = server.cluster
    this.hosts = hosts
    this.bucket = bucket
  }
}
