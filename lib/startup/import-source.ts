import { existsSync, realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** The compiled modules of this process, if it runs a compiled script: source -> compiled file. */
const readCompiled = (): ReadonlyMap<string, string> | undefined =>
  (globalThis as { [key: symbol]: ReadonlyMap<string, string> | undefined })[
    Symbol.for('brokard-infra.compiled')
  ]

/**
 * Imports the module of a source file: the one that runs, if the file was compiled with the script.
 * It is the only way to import a path that is known at run time.
 */
export const importSource = async (path: string): Promise<Record<string, unknown>> => {
  const url = pathToFileURL(existsSync(path) ? realpathSync(path) : path).href
  const running = readCompiled()?.get(url)
  if (running === undefined && readCompiled() && /\.m?ts$/.test(path)) await stripTypes()
  return import(running ?? url)
}

/** Node 22.18 and later need no help. */
const stripTypes = async (): Promise<void> => {
  if ((process.features as { typescript?: unknown }).typescript) return
  const { register } = await import('tsx/esm/api')
  register()
}
