import { InputError, type Problem } from '../errors/input-error.ts'
import { readTextFile } from '../errors/read-text.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { isTree, type Layer, mergeVars, type VarTree } from './layers.ts'
import { findProblems, getValue } from './problems.ts'
import type { Schema } from './schema.ts'
import { makeSource, type Path, type Source } from './source.ts'
import { parseYaml } from './yaml.ts'
import { isReservedKey } from './yaml-data.ts'

/** One value of -e: `name=value …`, `@file.yaml`, or JSON. */
export type Extra = string

const pair = /^\s*([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']\S*|)(?=\s|$)/

/**
 * The layer that the -e options make, the later over the earlier. Null without any. An unknown
 * variable is an error.
 */
export const readExtraLayer = (
  extra: readonly Extra[],
  source: Source,
  schema: Schema,
): Layer | null => {
  if (extra.length === 0) return null
  const given = extra.map(text => parseExtra(text.trim(), source, schema))
  const problems = given.flatMap(it => [
    ...findUnknown(it, source, schema),
    ...findProblems(schema.layer, pickSettings(it, schema)),
  ])
  if (problems.length > 0) throw new InputError(problems)
  const values = given.reduce<VarTree>(
    (below, { data }) => mergeVars(below, data as VarTree, schema.names),
    {},
  )
  const placeOf = (path: Path) =>
    given.findLast(({ data }) => getValue(data, path) !== undefined)?.place(path) ?? '-e'
  return { level: '-e', values, place: placeOf }
}

const parseExtra = (text: string, source: Source, schema: Schema): Source => {
  if (text.startsWith('@')) {
    const file = text.slice(1)
    return requireMap(parseYaml(readTextFile(file, { place: `-e @${file}` }), file), text)
  }
  if (text.startsWith('{')) return requireMap({ ...parseYaml(text, '-e'), place: () => '-e' }, text)
  return makeSource(parsePairs(text, source, schema), '-e')
}

const requireMap = (source: Source, text: string) => {
  if (isTree(source.data)) return source
  throw new InputError({ place: `-e ${text}`, message: 'holds no map of variables' })
}

/**
 * `a=1 b="two words" acme.email=x@y.example`: text, turned into the kind of the value that it
 * replaces.
 */
const parsePairs = (text: string, source: Source, schema: Schema): VarTree => {
  let rest = text
  let tree: VarTree = {}
  while (rest.trim() !== '') {
    const [whole, name = '', value = ''] = pair.exec(rest) ?? []
    if (whole === undefined)
      throw new InputError({
        place: '-e',
        message: `"${rest.trim()}" is not a name=value pair`,
        next: 'Give name=value, @file.yaml or JSON in quotes.',
      })
    const known = findDeclaredVars(source, schema)
    const path = Object.hasOwn(known, name) ? [name] : name.split('.')
    const reserved = path.find(isReservedKey)
    if (reserved !== undefined)
      throw new InputError({ place: '-e', message: `"${reserved}" cannot be a name` })
    const before = getValue(known, path) ?? getValue(schema.defaults, path)
    const typed = convertLike(before, unquote(value), path)
    tree = mergeVars(tree, nest(path, typed), schema.names)
    rest = rest.slice(whole.length)
  }
  return tree
}

const nest = ([first = '', ...rest]: readonly string[], value: unknown): VarTree => ({
  [first]: rest.length === 0 ? value : nest(rest, value),
})

const unquote = (value: string) =>
  value.startsWith('"')
    ? value.slice(1, -1).replace(/\\(.)/g, '$1')
    : value.startsWith("'")
      ? value.slice(1, -1)
      : value

/** Text as the kind of the value that it replaces. */
const convertLike = (before: unknown, text: string, path: readonly string[]): unknown => {
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
export const findDeclaredVars = ({ data }: Source, { names }: Schema): VarTree => {
  const root = isTree(data) ? data : {}
  const clusters = Object.values(isTree(root['clusters']) ? root['clusters'] : {}).filter(isTree)
  const servers = [...clusters, root].flatMap(({ servers }) =>
    Object.values(isTree(servers) ? servers : {}),
  )
  const environments = Object.values(isTree(root['environments']) ? root['environments'] : {})
  const entries = [root['all'], ...clusters, ...servers, ...environments].filter(isTree)
  return Object.assign(
    {},
    ...entries.map(({ vars }) => (isTree(vars) ? vars : {})),
    ...entries.map(entry =>
      Object.fromEntries(Object.entries(entry).filter(([key]) => names.has(key))),
    ),
  )
}

const findUnknown = (given: Source, source: Source, schema: Schema): Problem[] => {
  const names = [
    ...schema.names,
    ...Object.keys(schema.vars),
    ...Object.keys(findDeclaredVars(source, schema)),
  ]
  return Object.keys(given.data as VarTree)
    .filter(name => !names.includes(name))
    .map(name => ({
      place: given.place([name], 'key'),
      message: `no variable is named ${name}${formatSuggestion(name, names)}`,
    }))
}

const pickSettings = (given: Source, { names, vars }: Schema): Source => {
  const data = Object.fromEntries(
    Object.entries(given.data as VarTree).filter(
      ([name]) => names.has(name) || Object.hasOwn(vars, name),
    ),
  )
  return { ...given, data }
}
