import type { Problem } from '../errors/input-error.ts'
import { formatSuggestion, suggest } from '../errors/suggest.ts'
import { findClashes, type InventoryFile, readEntries } from './inventory-file.ts'
import { isTree } from './layers.ts'
import { formatPath } from './problems.ts'
import type { Schema } from './schema.ts'
import { checkAddresses } from './server-address.ts'
import type { Path, Source } from './source.ts'

/**
 * Finds what no single value shows: names and addresses that clash, references to nothing, and what
 * the roles look for. Copes with data that the schema refused.
 */
export const checkFile = (source: Source, schema: Schema): Problem[] => {
  const file = readEntries(source)
  // A misspelt `clusters` has the servers that environments name: one error, not one for each.
  const references = hasMisspeltServers(source) ? [] : [checkReferences]
  const own = [checkNames, checkAddresses, ...references, checkVarNames(schema)]
  const ofRoles = schema.declarations.flatMap(({ check }) => (check ? [check] : []))
  return [checkRoot(source), ...[...own, ...ofRoles].map(check => check(file))].flat()
}

/** The keys at the root that hold servers. */
const holders = ['clusters', 'servers']

const hasMisspeltServers = ({ data }: Source): boolean =>
  isTree(data) &&
  Object.keys(data).some(key => !holders.includes(key) && suggest(key, holders) !== null)

/** A file without servers, unless a misspelt key is the reason. */
const checkRoot = ({ data, place }: Source): Problem[] => {
  if (!isTree(data)) return []
  if (Object.keys(data).some(key => suggest(key, holders) !== null)) return []
  return [
    {
      place: place([]),
      message: 'the inventory: has no servers',
      next: 'Add clusters and their servers, or servers: {web1: {address: 192.0.2.1}}.',
    },
  ]
}

const toList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

const describeLike = ({ kind, path }: { readonly kind: string; readonly path: Path }) =>
  `named like the ${kind} at ${formatPath(path)}; a pattern could mean either`

const checkNames = ({ problem, clusters, servers, environments }: InventoryFile) => {
  const kinds = [
    ...clusters.map(it => ({ ...it, kind: 'cluster' })),
    ...environments.map(it => ({ ...it, kind: 'environment' })),
    ...servers.map(it => ({ ...it, kind: 'server' })),
  ]
  const used = new Map(kinds.map(kind => [kind.name, kind]))
  const groups = servers.flatMap(({ path, entry }) =>
    toList(entry['groups']).map((group, i) => ({
      group: String(group),
      path: [...path, 'groups', i],
    })),
  )
  return [
    ...findClashes(
      kinds,
      ({ name }) => name,
      ({ path, kind }, first) => problem(path, `a ${kind} ${describeLike(first)}`, 'key'),
    ),
    ...kinds
      .filter(({ name }) => name === 'all')
      .map(({ path }) =>
        problem(path, '"all" means every host in a pattern; choose another name', 'key'),
      ),
    ...groups.flatMap(({ group, path }) => {
      const like = used.get(group)
      return like ? [problem(path, `a group ${describeLike(like)}`)] : []
    }),
  ]
}

const checkReferences = ({ problem, servers, environments }: InventoryFile) => {
  const known = new Set(servers.map(({ name }) => name))
  return environments
    .filter(({ entry }) => typeof entry['server'] === 'string' && !known.has(entry['server']))
    .map(({ path, entry }, i) => {
      // To compare every wrong name with every server takes seconds; few errors are shown.
      const near = i < 20 ? formatSuggestion(String(entry['server']), known) : ''
      return problem([...path, 'server'], `there is no server ${entry['server']}${near}`)
    })
}

const checkVarNames =
  ({ names }: Schema) =>
  ({ all, problem, clusters, servers, environments }: InventoryFile) =>
    [{ path: ['all'], entry: all }, ...clusters, ...servers, ...environments].flatMap(
      ({ path, entry }) =>
        Object.keys(isTree(entry['vars']) ? entry['vars'] : {})
          .filter(name => names.has(name) || name === 'address')
          .map(name =>
            problem(
              [...path, 'vars', name],
              `"${name}" is a setting: write it beside vars, not inside`,
              'key',
            ),
          ),
    )
