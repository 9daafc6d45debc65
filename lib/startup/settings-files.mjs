/** The files beside a source that decide how it is read. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'

/**
 * Every package.json and tsconfig.json in a source's folder and above, with what those tsconfigs
 * extend. Files that are absent are named too: one that appears has a say.
 */
export const findSettingsFiles = path => {
  const files = []
  for (let at = dirname(path); ; at = dirname(at)) {
    files.push(join(at, 'package.json'), ...followExtends(join(at, 'tsconfig.json')))
    if (at === dirname(at)) return files
  }
}

const followExtends = file => {
  if (!existsSync(file)) return [file]
  const text = readFileSync(file, 'utf8')
  const [, extended = ''] = /"extends"\s*:\s*("[^"]*"|\[[^\]]*\])/.exec(text) ?? []
  const names = [...extended.matchAll(/"([^"]*)"/g)].map(([, name]) => name)
  return [file, ...names.flatMap(name => followExtends(resolve(file, name)))]
}

const resolve = (file, name) => {
  if (!name.startsWith('.') && !isAbsolute(name)) return createRequire(file).resolve(name)
  const path = isAbsolute(name) ? name : join(dirname(file), name)
  return path.endsWith('.json') ? path : `${path}.json`
}
