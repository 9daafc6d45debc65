import type { Sources } from './imports.ts'

const kinds = 'const|let|function\\*?|class|type|interface|enum'
const declaration = new RegExp(
  `^export (?:declare )?(?:abstract )?(?:async )?(?:${kinds}) (?<name>[\\w$]+)`,
  'gm',
)

/** The names that a module declares and exports; those that it passes on from another are not. */
export const exportedNames = (source: string): Set<string> =>
  new Set([...source.matchAll(declaration)].map(match => match.groups?.['name'] ?? ''))

/**
 * What one operation's folder declares has the operation in front wherever it is used:
 * `apt.packages`, `docker.login`.
 */
const isPartOfOperation = (path: string): boolean => /^lib\/operations\/[^/]+\//.test(path)

/** What a playbook's author calls by one noun: the operation, the role or the fact `docker`. */
const authorKinds = [/^lib\/operations\/[^/]+$/, /^roles\/[^/]+$/, /^lib\/run\/facts\/[^/]+$/]

const areOfDifferentKinds = (paths: readonly string[]): boolean => {
  const found = paths.map(path => authorKinds.findIndex(kind => kind.test(path)))
  return !found.includes(-1) && new Set(found).size === found.length
}

/** The names that two modules export for two things, as `name: exported by a.ts, b.ts`. */
export const findSharedNames = (sources: Sources): string[] => {
  const modules = new Map<string, string[]>()
  for (const [path, source] of sources) {
    if (path.startsWith('test/') || isPartOfOperation(path)) continue
    for (const name of exportedNames(source))
      modules.set(name, [...(modules.get(name) ?? []), path])
  }
  return [...modules]
    .filter(([, paths]) => paths.length > 1 && !areOfDifferentKinds(paths))
    .map(([name, paths]) => `${name}: exported by ${paths.join(', ')}`)
    .sort()
}
