import { defaultLayer } from './defaults.ts'
import type { Cluster, Environment, Host, Inventory } from './inventory.ts'
import { type Layer, layerOf } from './layers.ts'
import { type Overlay, overlayLayer } from './overlay.ts'
import type { Raw, RawServer } from './schema.ts'
import type { Source } from './source.ts'
import { NamedCluster, NamedEnvironment, NamedHost } from './subjects.ts'

/**
 * The typed inventory of checked data, in time linear in its hosts. `extra` lies over the file, the
 * overlay over both.
 */
export const build = (
  raw: Raw,
  source: Source,
  extra: readonly Layer[],
  overlay?: Overlay,
): Inventory => {
  const above = (host?: string) => (overlay ? [...extra, overlayLayer(overlay, host)] : extra)
  const below = [defaultLayer, layerOf('all', raw.all, source, ['all'])]
  const input = {
    raw,
    source,
    above,
    below,
    carried: environmentsByServer(raw),
    present: (host: string) => !overlay || Object.hasOwn(overlay.hosts, host),
  }
  const clusters = new Map(Object.keys(raw.clusters).map(name => [name, clusterOf(name, input)]))
  const hosts = new Map(
    [...clusters.values()].flatMap(cluster => cluster.hosts.map(host => [host.name, host])),
  )
  const names = Object.values(raw.clusters).flatMap(({ servers }) =>
    Object.keys(servers).filter(name => !hosts.has(name)),
  )
  return {
    clusters,
    hosts,
    environments: environmentsOf(hosts, input),
    groups: groupsOf(clusters, hosts),
    absent: { names: new Set(names), overlay: overlay?.name ?? null },
  }
}

interface Input {
  readonly raw: Raw
  readonly source: Source
  /** The layers over all of the file's, for one host or for none in particular. */
  readonly above: (host?: string) => readonly Layer[]
  readonly below: readonly Layer[]
  readonly carried: ReadonlyMap<string, readonly string[]>
  readonly present: (host: string) => boolean
}

const clusterOf = (
  name: string,
  { raw, source, above, below, carried, present }: Input,
): Cluster => {
  const entry = raw.clusters[name]!
  const layers = [...below, layerOf(`cluster ${name}`, entry, source, ['clusters', name])]
  const cluster = new NamedCluster(name, [...layers, ...above()], entry.title ?? name)
  const servers = Object.entries(entry.servers).filter(([key]) => present(key))
  const first = firstManager(servers)
  for (const [key, server] of servers) {
    const own = layerOf(`server ${key}`, server, source, ['clusters', name, 'servers', key])
    const groups = [
      ...new Set(['all', name, ...(carried.get(key) ?? []), ...(server.groups ?? [])]),
    ]
    const placement = {
      cluster,
      groups,
      manager: server.manager ?? key === first,
      labels: server.labels ?? {},
    }
    cluster.hosts.push(new NamedHost(key, [...layers, own, ...above(key)], placement))
  }
  return cluster
}

/** Where no server is said to be a manager, the first that is not said to be none. */
const firstManager = (servers: [string, RawServer][]) =>
  servers.some(([, { manager }]) => manager)
    ? null
    : servers.find(([, { manager }]) => manager !== false)?.[0]

const environmentsByServer = (raw: Raw) => {
  const carried = new Map<string, string[]>()
  for (const [name, { server }] of Object.entries(raw.environments ?? {}))
    carried.set(server, [...(carried.get(server) ?? []), name])
  return carried
}

const environmentsOf = (hosts: ReadonlyMap<string, Host>, { raw, source, above }: Input) => {
  const environments = new Map<string, Environment>()
  for (const [name, entry] of Object.entries(raw.environments ?? {})) {
    const server = hosts.get(entry.server)
    if (!server) continue
    const over = above(server.name)
    const layers = [
      ...server.layers.slice(0, server.layers.length - over.length),
      layerOf(`environment ${name}`, entry, source, ['environments', name]),
    ]
    environments.set(name, new NamedEnvironment(name, [...layers, ...over], server, entry))
  }
  return environments
}

const groupsOf = (clusters: ReadonlyMap<string, Cluster>, hosts: ReadonlyMap<string, Host>) => {
  const groups = new Map<string, Host[]>([...clusters.keys()].map(name => [name, []]))
  for (const host of hosts.values()) {
    for (const group of host.groups) {
      if (group === 'all') continue
      const members = groups.get(group)
      if (members) members.push(host)
      else groups.set(group, [host])
    }
  }
  return groups
}
