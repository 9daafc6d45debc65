/** One import of a module. */
export type Import = {
  readonly specifier: string
  /** Only types: nothing is loaded. */
  readonly type: boolean
  readonly line: number
  /** The text between `import` and `from`. */
  readonly names: string
}

/** A module by its path from the project's root, and its text. */
export type Sources = ReadonlyMap<string, string>

/**
 * `import … from 'x'` and `export … from 'x'` at the start of a line, as the formatter leaves them.
 */
const statement =
  /^(?:import|export)\s+(?<type>type\s+(?!from\b))?(?:(?<names>[\w*\s{},$]+?)\s+from\s*)?(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>/gm
/** `import('x')`, also inside a line; the type `import('x').T` too. */
const call =
  /\bimport\(\s*(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>\s*\)(?<member>\.[A-Z]\w*)?/g

/** The imports that a module's text holds. Comments are left out. */
export const parseImports = (source: string): Import[] => {
  const text = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, comment =>
    comment.replace(/[^\n]/g, ' '),
  )
  const line = (at: number): number => text.slice(0, at).split('\n').length
  const found = (match: RegExpExecArray, type: boolean): Import => ({
    specifier: match.groups?.['specifier'] ?? '',
    type,
    line: line(match.index),
    names: match.groups?.['names'] ?? '',
  })
  return [
    ...[...text.matchAll(statement)].map(match =>
      found(match, match.groups?.['type'] !== undefined),
    ),
    ...[...text.matchAll(call)].map(match => found(match, match.groups?.['member'] !== undefined)),
  ]
}

/**
 * The path, from the project's root, of the module that a relative specifier names; null for a
 * package.
 */
export const resolveImport = (from: string, specifier: string): string | null => {
  if (!specifier.startsWith('.')) return null
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** The modules that each module imports as values. */
export const mapLoads = (sources: Sources): Map<string, string[]> => graphOf(sources, false)

/** The modules that each module imports, as values or for their types. */
export const mapDependencies = (sources: Sources): Map<string, string[]> => graphOf(sources, true)

const graphOf = (sources: Sources, types: boolean): Map<string, string[]> =>
  new Map(
    [...sources].map(([path, source]) => [
      path,
      parseImports(source).flatMap(({ specifier, type }) => {
        const to = type && !types ? null : resolveImport(path, specifier)
        return to !== null && sources.has(to) ? [to] : []
      }),
    ]),
  )

/** The rings of modules that load each other, each once, as `a -> b -> a`. */
export const findCycles = (graph: ReadonlyMap<string, readonly string[]>): string[] => {
  const done = new Set<string>()
  const rings: string[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) rings.push([...trail.slice(at), path].join(' -> '))
    if (at >= 0 || done.has(path)) return
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) walk(path, [])
  return rings
}
