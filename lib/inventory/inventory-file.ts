import type { Problem } from '../errors/input-error.ts'
import { isTree, type VarTree } from './layers.ts'
import { formatPath } from './problems.ts'
import type { Path, Source } from './source.ts'

/** An entry of hosts.yaml as it is written: its values may be wrong. */
export interface Entry {
  readonly name: string
  readonly path: Path
  readonly entry: VarTree
}

/** What a check reads: all entries of hosts.yaml, and a problem for one of them. */
export interface InventoryFile {
  /** What `all:` holds. */
  readonly all: VarTree
  readonly clusters: readonly Entry[]
  /** The servers of all clusters, and those without one. */
  readonly servers: readonly Entry[]
  readonly environments: readonly Entry[]
  /** The servers of one cluster. */
  readonly serversOf: (cluster: Entry) => readonly Entry[]
  /** A problem with the value at a path, or with its key. */
  readonly problem: (path: Path, message: string, part?: 'key' | 'value') => Problem
}

/** Reads the entries out of a file that may be wrong. */
export const readEntries = (source: Source): InventoryFile => {
  const at = (path: Path) => findEntries(source.data, path)
  const clusters = at(['clusters'])
  const serversOf = ({ path }: Entry) => at([...path, 'servers'])
  const all = isTree(source.data) ? source.data['all'] : undefined
  return {
    all: isTree(all) ? all : {},
    clusters,
    servers: [...clusters.flatMap(serversOf), ...at(['servers'])],
    environments: at(['environments']),
    serversOf,
    problem: (path, message, part = 'value') => ({
      place: source.place(path, part),
      message: `${formatPath(path)}: ${message}`,
    }),
  }
}

const findEntries = (data: unknown, path: Path): Entry[] => {
  const map = path.reduce<unknown>((at, step) => (isTree(at) ? at[String(step)] : undefined), data)
  return isTree(map)
    ? Object.entries(map).flatMap(([name, entry]) =>
        isTree(entry) ? [{ name, path: [...path, name], entry }] : [],
      )
    : []
}

/** One problem for each thing whose key occurred before; it names the first that had it. */
export const findClashes = <T>(
  things: readonly T[],
  keyOf: (thing: T) => string,
  describe: (thing: T, first: T) => Problem,
): Problem[] => {
  const seen = new Map<string, T>()
  return things.flatMap(thing => {
    const first = seen.get(keyOf(thing))
    if (first !== undefined) return [describe(thing, first)]
    seen.set(keyOf(thing), thing)
    return []
  })
}
