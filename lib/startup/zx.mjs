/** Replaces zx's command line, so that the script starts without its 0.1 s and 15 MiB. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { mapStacks } from './stacks.mjs'

/** The compiled modules of this process: URL of the source -> URL of the compiled file. */
const registry = Symbol.for('brokard-infra.compiled')

/** Once zx's command line is loaded, the compiled script runs in its place. */
export const replaceZx = (script, { folder, modules, globals }) => {
  const cli = join(script.zx, 'cli.cjs')
  const require = createRequire(cli)
  require.extensions['.cjs'] = (module, filename) => {
    delete require.extensions['.cjs']
    if (filename !== cli) return require.extensions['.js'](module, filename)
    globalThis[registry] = new Map(
      Object.entries(modules).map(([source, file]) => [
        pathToFileURL(source).href,
        pathToFileURL(join(folder, file)).href,
      ]),
    )
    mapStacks(folder)
    Object.assign(globalThis, {
      require: createRequire(script.path),
      __filename: script.path,
      __dirname: dirname(script.path),
    })
    defineGlobals(globals, require)
    import(globalThis[registry].get(pathToFileURL(script.path).href)).catch(error =>
      fail(error, require),
    )
  }
}

/** As zx ends a script that throws. */
const fail = (error, require) => {
  const ProcessOutput = require.cache[require.resolve('./index.cjs')]?.exports.ProcessOutput
  if (ProcessOutput && error instanceof ProcessOutput) console.error('Error:', error.message)
  else console.error(error)
  process.exitCode = 1
}

/** `$` and the other globals of zx, which is loaded when the first of them is used. */
const defineGlobals = (names, require) => {
  const before = new Map(
    names.map(name => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
  )
  const index = require.resolve('./index.cjs')
  /** The value without zx: zx reads `fetch` and others itself while a script's import loads it. */
  const readOriginal = name => {
    const descriptor = before.get(name)
    return descriptor?.get ? descriptor.get.call(globalThis) : descriptor?.value
  }
  const isLoading = () => require.cache[index]?.loaded === false
  const load = () => {
    for (const [name, descriptor] of before) {
      delete globalThis[name]
      if (descriptor) Object.defineProperty(globalThis, name, descriptor)
    }
    before.clear()
    require('./globals.cjs')
    require('./index.cjs').updateArgv(process.argv.slice(3))
  }
  for (const name of names)
    Object.defineProperty(globalThis, name, {
      configurable: true,
      enumerable: true,
      get: () => {
        if (isLoading()) return readOriginal(name)
        load()
        return globalThis[name]
      },
      set: value => {
        if (isLoading()) before.delete(name)
        else load() // what a script sets stays, also when it uses zx later
        const own = { value, configurable: true, enumerable: true, writable: true }
        Object.defineProperty(globalThis, name, own)
      },
    })
}
