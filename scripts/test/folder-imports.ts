import { mapDependencies, type Sources } from './imports.ts'

/** Folders whose modules import modules of lib, and the folders of lib that they name, sorted. */
export const mapFolderImports = (sources: Sources): Map<string, string[]> => {
  const found = new Map<string, Set<string>>()
  for (const [path, imports] of mapDependencies(sources)) {
    const from = folderOf(path)
    if (from === null || path.startsWith('test/')) continue
    const to = found.get(from) ?? new Set()
    found.set(from, to)
    for (const folder of imports.map(folderOf))
      if (folder !== null && folder !== from && folder.startsWith('lib/')) to.add(folder)
  }
  return new Map([...found].map(([from, to]) => [from, [...to].sort()]))
}

/** Names the folder: `lib/run` of `lib/run/plan/open.ts`; null for a file of lib's root. */
const folderOf = (path: string): string | null => {
  const [top = '', folder] = path.split('/')
  if (top !== 'lib') return top
  return path.split('/').length > 2 ? `lib/${folder}` : null
}

/** A row of the table of modules in docs/architecture.md. */
export type ModuleRow = { readonly folder: string; readonly imports: readonly string[] }

/** The rows of the table of modules, from top to bottom. */
export const readModuleTable = (markdown: string): ModuleRow[] =>
  [...markdown.matchAll(/^\| `([\w/]+)\/` \|[^|\n]*\| ([^|\n]*) \|$/gm)].map(
    ([, folder = '', imports = '']) => ({
      folder,
      imports: [...imports.matchAll(/[\w-]+/g)].map(([name]) => `lib/${name}`).sort(),
    }),
  )

/** What the table says that the imports do not, and imports that point upwards in it. */
export const findTableErrors = (rows: readonly ModuleRow[], sources: Sources): string[] => {
  const real = mapFolderImports(sources)
  const names = rows.map(({ folder }) => folder)
  return [
    ...[...real.keys()]
      .filter(folder => !names.includes(folder))
      .map(folder => `${folder}: no row`),
    ...rows.flatMap(({ folder, imports }, at) => {
      const actual = real.get(folder)
      if (!actual) return [`${folder}: no such folder`]
      const upwards = actual.filter(to => names.indexOf(to) < at)
      const short = (all: readonly string[]) => all.map(name => name.slice(4)).join(', ') || '–'
      return [
        ...(short(actual) === short(imports) ? [] : [`${folder} imports ${short(actual)}`]),
        ...upwards.map(to => `${folder} imports ${to}, which is above it in the table`),
      ]
    }),
  ]
}
