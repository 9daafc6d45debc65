/** Runs the compiled form of a zx script, if it is certain to be what the source says. */
import { openCache } from './cache.mjs'
import { explain } from './explain.mjs'
import { showLoading } from './first-line.mjs'
import { findScript } from './script.mjs'
import { replaceZx } from './zx.mjs'

/** Makes zx run the compiled script. False if the source has to run: nothing has changed then. */
export const runCompiled = async () => {
  const since = performance.now()
  try {
    const script = findScript(process)
    showLoading(script.path)
    const cache = openCache(process.env)
    const kept = cache.read(script)
    const compiled = kept ?? (await compile(cache, script))
    replaceZx(script, compiled)
    const took = `${Math.round(performance.now() - since)} ms`
    explain(kept ? `compiled earlier, checked in ${took}` : `compiled in ${took}`)
    return true
  } catch (error) {
    // Whatever is wrong, the source runs, and its own error says so.
    explain(`the source runs: ${error instanceof Error ? error.message : error}`)
    return false
  }
}

const compile = async (cache, script) => {
  const { compileScript } = await import('./compile.mjs')
  cache.write(script, await compileScript(script))
  const compiled = cache.read(script)
  if (!compiled) throw new Error('a file changed while it was compiled')
  return compiled
}
