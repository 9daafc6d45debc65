/** Compiles a script and all that it imports into a few files. Loaded only after a change. */
import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'
import { hashInputs, isInPackage } from './digest.mjs'
import { findSettingsFiles } from './settings-files.mjs'
import { createSourcesPlugin, SOURCE_META } from './sources-plugin.mjs'

const own = dirname(fileURLToPath(import.meta.url))
const root = join(own, '../..')

/**
 * The compiled files, and what they were made from: `inputs` are all paths that have a say, and
 * `digest` is their state. Throws if the script cannot be compiled so that it does the same.
 */
export const compileScript = async script => {
  const since = Date.now()
  const watched = new Set(listOwnFiles())
  const contents = new Map()
  const entries = [script.path, ...findInventoryReaders(script.path, watched)]
  const built = await build(entries, createSourcesPlugin({ root, contents, watched }))
  const compiled = Object.keys(built.metafile.inputs).map(path => join(chooseFolder(path), path))
  for (const path of compiled)
    if (!isInPackage(path)) for (const file of findSettingsFiles(path)) watched.add(file)
  const inputs = [...new Set([...compiled, ...watched])].sort()
  refuseNewer(
    inputs.filter(path => !contents.has(path)),
    since,
  )
  return {
    inputs,
    digest: hashInputs(inputs, contents),
    files: new Map(built.outputFiles.map(file => [basename(file.path), readContent(file)])),
    modules: Object.fromEntries(entries.map((path, i) => [path, `${nameEntry(i)}.mjs`])),
    globals: Object.keys(createRequire(join(script.zx, 'cli.cjs'))('./index.cjs')),
  }
}

const build = async (entries, plugin) => {
  try {
    return await esbuild.build({
      entryPoints: Object.fromEntries(entries.map((path, i) => [nameEntry(i), path])),
      bundle: true,
      splitting: true, // what is imported late stays apart, and is loaded late
      format: 'esm',
      platform: 'node',
      conditions: [], // as Node resolves: without esbuild's own condition "module"
      target: `node${process.versions.node}`,
      keepNames: true,
      sourcemap: 'external',
      sourcesContent: false,
      legalComments: 'none',
      metafile: true,
      write: false,
      outdir: OUT,
      outExtension: { '.js': '.mjs' },
      logLevel: 'silent',
      plugins: [plugin],
      define: {
        'import.meta': SOURCE_META,
        'import.meta.url': `${SOURCE_META}.url`,
        'import.meta.dirname': `${SOURCE_META}.dirname`,
        'import.meta.filename': `${SOURCE_META}.filename`,
      },
    })
  } finally {
    await esbuild.stop()
  }
}

/** The name that the folder of the compiled files has for esbuild. */
const OUT = '/compiled'

const nameEntry = i => (i === 0 ? 'script' : `settings${i}`)

/** esbuild names inputs as seen from the current folder. */
const chooseFolder = path => (isAbsolute(path) ? '/' : process.cwd())

/** A source map names its sources by URL: the compiled files are not where esbuild thinks. */
const readContent = ({ path, contents, text }) => {
  if (!path.endsWith('.map')) return contents
  const map = JSON.parse(text)
  return JSON.stringify({
    ...map,
    sources: map.sources.map(file => pathToFileURL(join(OUT, file)).href),
  })
}

/** What decides how is compiled. */
const listOwnFiles = () => [
  ...['compile', 'sources-plugin', 'settings-files', 'digest', 'cache', 'zx', 'stacks'].map(name =>
    join(own, `${name}.mjs`),
  ),
  ...['esbuild', 'zx'].map(name => join(root, 'node_modules', name, 'package.json')),
]

/** The modules that an inventory is read with: a run imports them by their path. */
const findInventoryReaders = (script, watched) => {
  for (let at = dirname(script); ; at = dirname(at)) {
    const files = ['hosts.yaml', 'hosts.ts', 'settings.ts'].map(name => join(at, name))
    for (const file of files.slice(1)) watched.add(file)
    if (at === dirname(at) || files.some(file => existsSync(file)))
      return files.slice(1).filter(file => existsSync(file))
  }
}

/** A file that changed meanwhile may have been compiled in either form. */
const refuseNewer = (paths, since) => {
  const newer = paths.find(
    path => (statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0) >= since,
  )
  if (newer !== undefined) throw new Error(`${newer} changed while it was compiled`)
}
