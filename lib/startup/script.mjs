import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * The script of a command line `zx SCRIPT.ts …` and zx's own folder, both as real paths. Throws if
 * zx has flags, or if somebody wants the source itself: a debugger, coverage, a loader.
 */
export const findScript = ({ argv, env, execArgv }) => {
  const [, program, path = ''] = argv
  if (!/^(?!-|\w+:).*\.m?ts$/.test(path)) throw new Error('not a command line zx SCRIPT.ts')
  const options = `${execArgv.join(' ')} ${env.NODE_OPTIONS ?? ''}`
  if (/--(inspect|(experimental-)?loader|enable-source-maps)/.test(options))
    throw new Error('node has options that concern the source')
  if (env.NODE_V8_COVERAGE) throw new Error('coverage is measured')
  if (Object.keys(env).some(name => name.startsWith('ZX_'))) throw new Error('zx has settings')
  const zx = realpathSync(program)
  if (!zx.endsWith('/zx/build/cli.js')) throw new Error('not zx')
  return { path: realpathSync(path), zx: dirname(zx) }
}
