import type { Environment, Host, Inventory } from './inventory.ts'
import { type Layer, makeDefaultLayer, makeLayer } from './layers.ts'
import { makeOverlayLayer, type Overlay } from './overlay.ts'
import type { Raw, RawServer, Schema } from './schema.ts'
import type { Path, Source } from './source.ts'
import { NamedCluster, NamedEnvironment, NamedHost } from './subjects.ts'

/** What an inventory is built from. */
export interface BuildInput {
  readonly source: Source
  readonly schema: Schema
  /** Layers over those of the file. */
  readonly extra: readonly Layer[]
  /** Lies over everything else. */
  readonly overlay?: Overlay | undefined
}

/** Builds the typed inventory of checked data, in time linear in its hosts. */
export const buildInventory = (given: BuildInput): Inventory => {
  const { source, schema, extra, overlay } = given
  const raw = source.data as Raw
  const input: Input = {
    ...given,
    raw,
    above: host => (overlay ? [...extra, makeOverlayLayer(overlay, host)] : extra),
    below: [makeDefaultLayer(schema.defaults), makeLayer('all', raw.all, source, ['all'])],
    carried: groupEnvironments(raw),
    isPresent: host => !overlay || Object.hasOwn(overlay.hosts, host),
  }
  const clusters = new Map(
    Object.keys(raw.clusters ?? {}).map(name => [name, buildCluster(name, input)]),
  )
  const loose = raw.servers ? [buildLooseServers(raw.servers, input)] : []
  const hosts = new Map(
    [...clusters.values(), ...loose].flatMap(({ hosts }) => hosts.map(host => [host.name, host])),
  )
  const names = [...Object.values(raw.clusters ?? {}), raw].flatMap(({ servers }) =>
    Object.keys(servers ?? {}).filter(name => !hosts.has(name)),
  )
  return {
    clusters,
    hosts,
    environments: buildEnvironments(hosts, input),
    groups: groupHosts([...clusters.keys()], hosts),
    absent: { names: new Set(names), overlay: overlay?.name ?? null },
  }
}

interface Input extends BuildInput {
  readonly raw: Raw
  /** The layers over all of the file's, for one host or for none in particular. */
  readonly above: (host?: string) => readonly Layer[]
  readonly below: readonly Layer[]
  readonly carried: ReadonlyMap<string, readonly string[]>
  readonly isPresent: (host: string) => boolean
}

const buildCluster = (name: string, input: Input): NamedCluster => {
  const { raw, source, above, below, schema } = input
  const entry = raw.clusters![name]!
  const path = ['clusters', name]
  const layers = [...below, makeLayer(`cluster ${name}`, entry, source, path)]
  const origin = { schema, source, layers: [...layers, ...above()], entries: { settings: path } }
  const cluster = new NamedCluster(name, origin, entry.title ?? name)
  addServers(cluster, entry.servers, layers, { path, names: [name], settings: path }, input)
  return cluster
}

/** The servers at the top of hosts.yaml, in a cluster that no pattern names. */
const buildLooseServers = (servers: Record<string, RawServer>, input: Input): NamedCluster => {
  const { source, above, below, schema } = input
  const origin = {
    schema,
    source,
    layers: [...below, ...above()],
    entries: { settings: ['servers'] },
  }
  const cluster = new NamedCluster('servers', origin, 'servers')
  addServers(cluster, servers, below, { path: [], names: [], settings: null }, input)
  return cluster
}

interface Parent {
  readonly path: Path
  /** Groups of each of its servers. */
  readonly names: readonly string[]
  /** The entry that a setting of its servers is best written in; null: the server itself. */
  readonly settings: Path | null
}

const addServers = (
  cluster: NamedCluster,
  servers: Record<string, RawServer>,
  layers: readonly Layer[],
  parent: Parent,
  { source, schema, above, carried, isPresent }: Input,
): void => {
  for (const [name, server] of Object.entries(servers)) {
    if (!isPresent(name)) continue
    const path = [...parent.path, 'servers', name]
    const own = makeLayer(`server ${name}`, server, source, path)
    const groups = ['all', ...parent.names, ...(carried.get(name) ?? []), ...(server.groups ?? [])]
    const origin = {
      schema,
      source,
      layers: [...layers, own, ...above(name)],
      entries: { settings: parent.settings ?? path, server: path },
    }
    cluster.hosts.push(new NamedHost(name, origin, { cluster, groups: [...new Set(groups)] }))
  }
}

const groupEnvironments = (raw: Raw) => {
  const carried = new Map<string, string[]>()
  for (const [name, { server }] of Object.entries(raw.environments ?? {})) {
    const names = carried.get(server)
    if (names) names.push(name)
    else carried.set(server, [name])
  }
  return carried
}

const buildEnvironments = (
  hosts: ReadonlyMap<string, Host>,
  { raw, source, schema, above }: Input,
) => {
  const environments = new Map<string, Environment>()
  for (const [name, entry] of Object.entries(raw.environments ?? {})) {
    const server = hosts.get(entry.server)
    if (!server) continue
    const over = above(server.name)
    const path = ['environments', name]
    const layers = [
      ...(Object.keys(schema.environmentDefaults).length > 0
        ? [makeDefaultLayer(schema.environmentDefaults)]
        : []),
      ...server.layers.slice(0, server.layers.length - over.length),
      makeLayer(`environment ${name}`, entry, source, path),
      ...over,
    ]
    const origin = { schema, source, layers, entries: { settings: path, environment: path } }
    environments.set(name, new NamedEnvironment(name, origin, server, entry.title ?? name))
  }
  return environments
}

const groupHosts = (clusters: readonly string[], hosts: ReadonlyMap<string, Host>) => {
  const groups = new Map<string, Host[]>(clusters.map(name => [name, []]))
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
