import type { Path, Source } from './source.ts'

/** A map of plain data. */
export type VarTree = { readonly [name: string]: unknown }

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
  readonly values: VarTree
  /** Where a value of this layer is written. */
  place(path: Path): string
}

/** The weakest layer: the values of what nobody sets. */
export const makeDefaultLayer = (values: VarTree): Layer => ({
  level: 'default',
  values,
  place: () => 'default',
})

/** Keys of entries that are no variables. */
const structure = new Set(['vars', 'title', 'servers', 'groups', 'server'])

/** The layer that the entry at a path of a file makes. */
export const makeLayer = (
  level: string,
  entry: VarTree | undefined,
  source: Source,
  at: Path,
): Layer => {
  const set = Object.entries(entry ?? {}).filter(
    ([key, value]) => !structure.has(key) && value !== undefined,
  )
  const free = (entry?.['vars'] ?? {}) as VarTree
  const place = (path: Path) =>
    source.place(String(path[0]) in free ? [...at, 'vars', ...path] : [...at, ...path])
  return { level, values: { ...Object.fromEntries(set), ...free }, place }
}

/** Merges layers, the weakest first. `settings` are the names that merge key by key. */
export const mergeLayers = (layers: readonly Layer[], settings: ReadonlySet<string>): VarTree =>
  layers.reduce<VarTree>((below, { values }) => mergeVars(below, values, settings), {})

/** Whether it is a map. */
export const isTree = (value: unknown): value is VarTree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Lays variables over others: settings key by key, free ones whole; a null takes a setting away.
 */
export const mergeVars = (below: VarTree, above: VarTree, settings: ReadonlySet<string>): VarTree =>
  mergeTrees(below, above, name => settings.has(name))

const mergeTrees = (below: VarTree, above: VarTree, isDeep: (name: string) => boolean): VarTree => {
  const result: Record<string, unknown> = { ...below }
  for (const [name, value] of Object.entries(above)) {
    const under = result[name]
    if (value === null && isDeep(name)) delete result[name]
    else
      result[name] =
        isDeep(name) && isTree(value) && isTree(under)
          ? mergeTrees(under, value, () => true)
          : value
  }
  return result
}
