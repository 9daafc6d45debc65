/** How esbuild reads and resolves: as Node and tsx do, or the script is not compiled. */
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, extname, isAbsolute, join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isInPackage } from './digest.mjs'

/** Stands for `import.meta` in compiled code; each module that uses it begins with its own. */
export const SOURCE_META = 'brokardSourceMeta'

/**
 * Fills `contents` with the sources that were compiled, and `watched` with what else has a say in
 * how a name is resolved. The tool's own packages are compiled in, others stay outside.
 */
export const createSourcesPlugin = ({ root, contents, watched }) => ({
  name: 'sources',
  setup: build => {
    const compiledIn = listCompiledPackages(root)
    build.onResolve({ filter: /\.node$/ }, ({ path, resolveDir }) =>
      /^\.{1,2}\//.test(path) ? { path: join(resolveDir, path), external: true } : undefined,
    )
    build.onResolve({ filter: /^(\.{1,2}\/|\/)/ }, ({ path, importer, resolveDir, kind }) =>
      importer === '' || isInPackage(importer) || path.includes('*')
        ? undefined
        : resolveFile(isAbsolute(path) ? path : join(resolveDir, path), kind),
    )
    build.onResolve(
      { filter: /^[^./]/ },
      async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === ASKED || importer === '' || path.startsWith('node:')) return undefined
        const asked = { importer, resolveDir, kind, pluginData: ASKED }
        const found = await build.resolve(path, asked)
        if (found.external || (found.errors.length > 0 && isInPackage(importer))) return undefined
        if (found.errors.length > 0) throw new Error(`${path} is not installed for ${importer}`)
        for (const file of listManifests(path, importer, found.path)) watched.add(file)
        if (!isInPackage(found.path)) return { path: found.path, sideEffects: true }
        const inside = isInPackage(importer) || compiledIn(found.path)
        return inside ? found : { path: pathToFileURL(found.path).href, external: true }
      },
    )
    build.onLoad({ filter: /\.([cm]?[jt]s|json)$/ }, ({ path }) =>
      isInPackage(path) ? loadPackageFile(path) : loadSource(path, contents, watched),
    )
  },
})

/** Marks a question of our own to esbuild. */
const ASKED = 'asked'

/** Whether a file is of the tool's dependencies. zx is one with what a playbook loads of it. */
const listCompiledPackages = root => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const folders = Object.keys(dependencies)
    .filter(name => !['zx', 'tsx', 'esbuild'].includes(name))
    .map(name => join(root, 'node_modules', name) + sep)
  return path => folders.some(folder => path.startsWith(folder))
}

/** Only the file that is named will do: what else esbuild tries could change by a new file. */
const resolveFile = (path, kind) => {
  const real = realpathSync(path)
  if (kind !== 'import-statement' && kind !== 'dynamic-import')
    throw new Error(`${path} is loaded by ${kind}`)
  return /\.(c[jt]s|node)$/.test(real)
    ? { path: pathToFileURL(real).href, external: true }
    : { path: real, sideEffects: true }
}

/** The manifests by which a package is found from a file: those that are absent on the way too. */
const listManifests = (specifier, importer, found) => {
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier
  const files = []
  for (let at = dirname(importer); ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    files.push(join(folder, 'package.json'))
    if (found.startsWith(folder + sep) || at === dirname(at)) return files
  }
}

/** CommonJS of a package has names for its place. */
const loadPackageFile = path => {
  if (!/\.c?js$/.test(path)) return undefined
  const text = readFileSync(path, 'utf8')
  if (!/\b__(dirname|filename)\b/.test(text)) return undefined
  const [folder, file] = [dirname(path), path].map(it => JSON.stringify(it))
  return { contents: `var __dirname=${folder},__filename=${file};${text}`, loader: 'js' }
}

const loadSource = (path, contents, watched) => {
  const data = readFileSync(path)
  contents.set(path, data)
  const loader = extname(path).replace(/^\.[cm]?/, '')
  if (loader === 'json') return { contents: data, loader }
  const text = data.toString()
  checkImports(path, text)
  for (const [, folder] of text.matchAll(/\bimport\s*\(\s*`([^`$]*\/)\$\{/g))
    for (const one of listFolders(join(dirname(path), folder))) watched.add(one)
  return { contents: addMeta(path, text), loader }
}

/** What a bundle cannot keep. */
const checkImports = (path, text) => {
  const computed = /\bimport\s*\(\s*(?!['"]|`\.{1,2}\/[^`$]*\/\$\{)/
  if (!path.endsWith('/lib/startup/import-source.ts') && computed.test(text))
    throw new Error(`${path} imports a path that is computed`)
  if (/\bimport\.meta\.(?!(url|dirname|filename)\b)/.test(text))
    throw new Error(`${path} uses import.meta for more than its place`)
}

/** A folder and those in it: a new file there may be one that an import matches. */
const listFolders = folder => [
  join(folder),
  ...readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(({ name }) => listFolders(join(folder, name))),
]

const addMeta = (path, text) => {
  if (!/\bimport\.meta\b/.test(text)) return text
  const meta = { url: pathToFileURL(path).href, dirname: dirname(path), filename: path }
  const rest = text.startsWith('#!') ? `//${text}` : text // on one line, so that the lines stay
  return `const ${SOURCE_META}=${JSON.stringify(meta)};${rest}`
}
