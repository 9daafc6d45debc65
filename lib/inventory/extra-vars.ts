import { readFile } from 'node:fs/promises'
import { InputError, type Problem } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { isTree, type Layer, over } from './layers.ts'
import { problemsOf, valueAt } from './problems.ts'
import { layerSchema } from './schema.ts'
import { defaults, settings } from './settings.ts'
import { computedSource, type Path, type Source, yamlSource } from './source.ts'

type Tree = { readonly [name: string]: unknown }
/** One value of -e: `name=value …`, `@file.yaml`, or JSON. */
export type Extra = string

const pair = /^\s*([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']\S*|)(?=\s|$)/

/**
 * The layer that the -e options make, the later over the earlier. Null without any. An unknown
 * variable is an error.
 */
export const extraLayer = async (
  extra: readonly Extra[],
  source: Source,
): Promise<Layer | null> => {
  if (extra.length === 0) return null
  const given = await Promise.all(extra.map(text => parsed(text.trim(), source)))
  const problems = given.flatMap(it => [
    ...unknown(it, source),
    ...problemsOf(layerSchema, settingsOf(it)),
  ])
  if (problems.length > 0) throw new InputError(problems)
  const values = given.reduce<Tree>((below, { data }) => over(below, data as Tree), {})
  const placeOf = (path: Path) =>
    given.findLast(({ data }) => valueAt(data, path) !== undefined)?.place(path) ?? '-e'
  return { level: '-e', values, place: placeOf }
}

const parsed = async (text: string, source: Source): Promise<Source> => {
  if (text.startsWith('@'))
    return mapped(yamlSource(await fileOf(text.slice(1)), text.slice(1)), text)
  if (text.startsWith('{')) return mapped({ ...yamlSource(text, '-e'), place: () => '-e' }, text)
  return computedSource(pairs(text, source), '-e')
}

const mapped = (source: Source, text: string) => {
  if (isTree(source.data)) return source
  throw new InputError({ place: `-e ${text}`, message: 'holds no map of variables' })
}

const fileOf = (path: string) =>
  readFile(path, 'utf8').catch((cause: Error) => {
    throw new InputError({ place: `-e @${path}`, message: 'there is no such file' }, { cause })
  })

/**
 * `a=1 b="two words" acme.email=x@y.example`: text, turned into the kind of the value that it
 * replaces.
 */
const pairs = (text: string, source: Source): Tree => {
  let rest = text
  let tree: Tree = {}
  while (rest.trim() !== '') {
    const [whole, name = '', value = ''] = pair.exec(rest) ?? []
    if (whole === undefined)
      throw new InputError({
        place: '-e',
        message: `"${rest.trim()}" is no name=value`,
        next: 'Give name=value, @file.yaml or JSON in quotes.',
      })
    const path = name in declared(source) ? [name] : name.split('.')
    tree = over(tree, nested(path, likeBefore(unquoted(value), path, source)))
    rest = rest.slice(whole.length)
  }
  return tree
}

const nested = ([first = '', ...rest]: readonly string[], value: unknown): Tree => ({
  [first]: rest.length === 0 ? value : nested(rest, value),
})

const unquoted = (value: string) =>
  value.startsWith('"')
    ? value.slice(1, -1).replace(/\\(.)/g, '$1')
    : value.startsWith("'")
      ? value.slice(1, -1)
      : value

const likeBefore = (text: string, path: readonly string[], source: Source): unknown => {
  const before = valueAt(declared(source), path) ?? valueAt(defaults, path)
  const number = typeof before === 'number' && text !== '' && !Number.isNaN(Number(text))
  if (number) return Number(text)
  const toggles = typeof before === 'boolean' || ['sudo'].includes(path.join('.'))
  return toggles && /^(true|false|yes|no)$/.test(text)
    ? /^(true|yes)$/.test(text)
    : Array.isArray(before)
      ? text.split(',')
      : text
}

/** A value for each variable that the file declares anywhere. */
const declared = ({ data }: Source): Tree => {
  const root = isTree(data) ? data : {}
  const clusters = Object.values(isTree(root['clusters']) ? root['clusters'] : {}).filter(isTree)
  const servers = clusters.flatMap(({ servers }) => Object.values(isTree(servers) ? servers : {}))
  const environments = Object.values(isTree(root['environments']) ? root['environments'] : {})
  const entries = [root['all'], ...clusters, ...servers, ...environments].filter(isTree)
  return Object.assign(
    {},
    ...entries.map(({ vars }) => (isTree(vars) ? vars : {})),
    ...entries.map(entry =>
      Object.fromEntries(Object.entries(entry).filter(([key]) => key in settings.shape)),
    ),
  )
}

const unknown = (given: Source, source: Source): Problem[] => {
  const names = [...Object.keys(settings.shape), ...Object.keys(declared(source))]
  return Object.keys(given.data as Tree)
    .filter(name => !names.includes(name))
    .map(name => ({
      place: given.place([name], 'key'),
      message: `no variable is named ${name}${formatSuggestion(name, names)}`,
    }))
}

const settingsOf = (given: Source): Source => {
  const data = Object.fromEntries(
    Object.entries(given.data as Tree).filter(([name]) => name in settings.shape),
  )
  return { ...given, data }
}
