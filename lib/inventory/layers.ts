import type { Vars } from './inventory.ts'
import { settings } from './settings.ts'
import type { Path, Source } from './source.ts'

type Tree = { readonly [name: string]: unknown }

/**
 * The variables that are set in one place. Precedence, the weakest first: default, all, cluster,
 * server, environment, -e, the lab's overlay.
 */
export interface Layer {
  /** Who says so: `default`, `all`, `cluster brd-infra-stage`, `-e`. */
  readonly level: string
  /**
   * Settings, which merge key by key, and free variables, which replace each other whole. Null
   * takes away what is below.
   */
  readonly values: Tree
  /** Where a value of this layer is written. */
  place(path: Path): string
}

/** Own keys of entries that are no variables. */
const structure = new Set([
  'vars',
  'title',
  'servers',
  'manager',
  'groups',
  'labels',
  'server',
  'hosts',
  'bucket',
])

/** The layer that the entry at a path of a file makes. */
export const layerOf = (
  level: string,
  entry: Tree | undefined,
  source: Source,
  at: Path,
): Layer => {
  const set = Object.entries(entry ?? {}).filter(
    ([key, value]) => !structure.has(key) && value !== undefined,
  )
  const free = (entry?.['vars'] ?? {}) as Tree
  const place = (path: Path) =>
    source.place(String(path[0]) in free ? [...at, 'vars', ...path] : [...at, ...path])
  return { level, values: { ...Object.fromEntries(set), ...free }, place }
}

/** The variables that hold when all layers are laid over each other. */
export const merged = (layers: readonly Layer[]): Vars =>
  layers.reduce<Tree>((below, { values }) => over(below, values), {}) as Vars

/** Whether it is a map. */
export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mergesByKey = (name: string) => name in settings.shape

/**
 * Variables laid over others: settings key by key, free ones whole; a null takes a setting away.
 */
export const over = (below: Tree, above: Tree, deep = mergesByKey): Tree => {
  const result: Record<string, unknown> = { ...below }
  for (const [name, value] of Object.entries(above)) {
    const under = result[name]
    if (value === null && deep(name)) delete result[name]
    else
      result[name] =
        deep(name) && isTree(value) && isTree(under) ? over(under, value, () => true) : value
  }
  return result
}
