import type { Problem } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { within } from './formats.ts'
import { isTree } from './layers.ts'
import { dotted } from './problems.ts'
import { defaults, settings } from './settings.ts'
import type { Path, Source } from './source.ts'

type Tree = { readonly [name: string]: unknown }
interface Entry {
  readonly name: string
  readonly path: Path
  readonly entry: Tree
}

const entriesAt = (data: unknown, path: Path): Entry[] => {
  const map = path.reduce<unknown>((at, step) => (isTree(at) ? at[String(step)] : undefined), data)
  return isTree(map)
    ? Object.entries(map).flatMap(([name, entry]) =>
        isTree(entry) ? [{ name, path: [...path, name], entry }] : [],
      )
    : []
}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/**
 * What no single value shows: names and addresses that clash, and references to nothing. Copes with
 * data that the schema refused.
 */
export const checks = (source: Source): Problem[] => {
  const clusters = entriesAt(source.data, ['clusters'])
  const servers = clusters.flatMap(({ path }) => entriesAt(source.data, [...path, 'servers']))
  const environments = entriesAt(source.data, ['environments'])
  const problem = (path: Path, message: string, part: 'key' | 'value' = 'value') => ({
    place: source.place(path, part),
    message: `${dotted(path)}: ${message}`,
  })
  const context = { source, problem, clusters, servers, environments }
  return [names, addresses, domains, managers, pools, references, freeNames].flatMap(check =>
    check(context),
  )
}

interface Context {
  readonly source: Source
  readonly problem: (path: Path, message: string, part?: 'key' | 'value') => Problem
  readonly clusters: Entry[]
  readonly servers: Entry[]
  readonly environments: Entry[]
}

/** One problem for each thing whose key was seen before; it names the first that had it. */
const clashes = <T>(
  things: T[],
  key: (thing: T) => string,
  told: (thing: T, first: T) => Problem,
): Problem[] => {
  const seen = new Map<string, T>()
  return things.flatMap(thing => {
    const first = seen.get(key(thing))
    if (first !== undefined) return [told(thing, first)]
    seen.set(key(thing), thing)
    return []
  })
}

const names = ({ problem, clusters, servers, environments }: Context) => {
  const kinds = [
    ...clusters.map(it => ({ ...it, kind: 'cluster' })),
    ...environments.map(it => ({ ...it, kind: 'environment' })),
    ...servers.map(it => ({ ...it, kind: 'server' })),
  ]
  const used = new Set(servers.map(({ name }) => name))
  const groups = servers.flatMap(({ path, entry }) =>
    list(entry['groups']).map((group, i) => ({
      group: String(group),
      path: [...path, 'groups', i],
    })),
  )
  return [
    ...clashes(
      kinds,
      ({ name }) => name,
      ({ path, kind }, first) =>
        problem(
          path,
          `a ${kind} named like the ${first.kind} at ${dotted(first.path)}; a pattern could mean either`,
          'key',
        ),
    ),
    ...kinds
      .filter(({ name }) => name === 'all')
      .map(({ path }) =>
        problem(path, '"all" means every host in a pattern; choose another name', 'key'),
      ),
    ...groups
      .filter(({ group }) => used.has(group))
      .map(({ group, path }) => problem(path, `a group named like the server ${group}`)),
  ]
}

const addresses = ({ problem, servers }: Context) =>
  clashes(
    servers.filter(({ entry }) => typeof entry['address'] === 'string'),
    ({ entry }) => `${entry['address']}:${entry['port'] ?? ''}`,
    ({ path, entry }, first) =>
      problem([...path, 'address'], `${entry['address']} is the address of ${first.name} too`),
  )

const domains = ({ problem, clusters, environments }: Context) => {
  const owned = clusters.filter(({ entry }) => typeof entry['domain'] === 'string')
  const tools = owned.flatMap(({ name, entry, path }) =>
    ['traefik', 'portainer', 'grafana', 'loki'].map(tool => ({
      host: `${tool}.${entry['domain']}`,
      owner: `the tools of ${name}`,
      path,
    })),
  )
  const routed = environments.flatMap(({ name, path, entry }) =>
    list(entry['hosts']).map((host, i) => ({
      host: String(host).toLowerCase(),
      owner: name,
      path: [...path, 'hosts', i],
    })),
  )
  return [
    ...clashes(
      owned,
      ({ entry }) => String(entry['domain']),
      ({ path, entry }, first) =>
        problem([...path, 'domain'], `${entry['domain']} is the domain of ${first.name} too`),
    ),
    ...clashes(
      [...new Map(tools.map(tool => [tool.host, tool])).values(), ...routed],
      ({ host }) => host,
      ({ path, host }, first) => problem(path, `${host} belongs to ${first.owner} already`),
    ),
  ]
}

const managers = ({ problem, clusters }: Context) =>
  clusters.flatMap(({ path, entry }) => {
    const servers = Object.values(isTree(entry['servers']) ? entry['servers'] : {}).filter(isTree)
    const count = servers.filter(server => server['manager'] === true).length
    if (servers.length > 0 && servers.every(server => server['manager'] === false))
      return [problem([...path, 'servers'], 'none is a manager; a swarm needs one', 'key')]
    return count > 0 && count % 2 === 0
      ? [
          problem(
            [...path, 'servers'],
            `${count} managers stand no more failures than ${count - 1}; an odd number is needed`,
            'key',
          ),
        ]
      : []
  })

const pools = ({ problem, source, clusters }: Context) =>
  clusters.flatMap(({ path, entry }) => {
    const all = isTree(source.data) ? source.data['all'] : {}
    const set = [entry, all].map(level =>
      isTree(level) && isTree(level['swarm']) ? level['swarm']['pool'] : undefined,
    )
    const pool = String(set.find(it => typeof it === 'string') ?? defaults.swarm.pool)
    const hidden = within(pool)
    return entriesAt(source.data, [...path, 'servers'])
      .filter(({ entry: server }) => hidden(String(server['address'])))
      .map(it =>
        problem(
          [...it.path, 'address'],
          `${it.entry['address']} lies in the swarm's pool ${pool}; overlay networks would hide it`,
        ),
      )
  })

const references = ({ problem, servers, environments }: Context) => {
  const known = new Set(servers.map(({ name }) => name))
  return environments
    .filter(({ entry }) => typeof entry['server'] === 'string' && !known.has(entry['server']))
    .map(({ path, entry }) =>
      problem(
        [...path, 'server'],
        `there is no server ${entry['server']}${formatSuggestion(String(entry['server']), known)}`,
      ),
    )
}

const freeNames = ({ source, problem, clusters, servers, environments }: Context) =>
  [
    ...entriesAt(source.data, []).filter(({ name }) => name === 'all'),
    ...clusters,
    ...servers,
    ...environments,
  ].flatMap(({ path, entry }) =>
    Object.keys(isTree(entry['vars']) ? entry['vars'] : {})
      .filter(name => name in settings.shape || name === 'address')
      .map(name =>
        problem(
          [...path, 'vars', name],
          `"${name}" is a setting: write it beside vars, not inside`,
          'key',
        ),
      ),
  )
