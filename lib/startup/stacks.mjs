/** Stack traces name the lines of the sources; the maps are read when the first one is printed. */
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** From now on, stacks name sources in place of the compiled files of this folder. */
export const mapStacks = folder => {
  const files = pathToFileURL(folder).href
  const maps = new Map()
  Error.prepareStackTrace = (error, sites) =>
    [formatHead(error), ...sites.map(site => `    at ${formatSite(site, files, maps)}`)].join('\n')
}

const formatHead = error => {
  const isOfNode = Object.getOwnPropertySymbols(error).some(
    ({ description }) => description === 'kIsNodeError',
  )
  if (isOfNode) return `${error.name} [${error.code}]: ${error.message}`
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return 'Error'
  }
}

const formatSite = (site, files, maps) => {
  const text = String(site)
  const file = site.getFileName()
  if (!file?.startsWith(files)) return text
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()]
  const entry = loadMap(file, maps)?.findEntry(line - 1, column - 1)
  if (entry?.originalSource === undefined) return text
  const place = `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  return text.replace(`${file}:${line}:${column}`, place)
}

const loadMap = (file, maps) => {
  if (!maps.has(file)) maps.set(file, readMap(file))
  return maps.get(file)
}

const readMap = file => {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(file)}.map`, 'utf8')))
  } catch {
    return null // the folder was removed, or is damaged: the stack names the compiled file
  }
}
