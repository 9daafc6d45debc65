import { InputError, type Problem } from '../errors/input-error.ts'
import { readTextFile } from '../errors/read-text.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import type { Shape } from '../settings.ts'
import { convertLike } from './convert-like.ts'
import { isTree, type Layer, mergeVars, type VarTree } from './layers.ts'
import { findProblems, getValue } from './problems.ts'
import type { Schema } from './schema.ts'
import { makeSource, type Path, type Source } from './source.ts'
import { parseYaml } from './yaml.ts'
import { isReservedKey } from './yaml-data.ts'
import { unwrap } from './zod-shapes.ts'

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
  const declared = findDeclaredVars(source, schema)
  const given = extra.map(text => parseExtra(text.trim(), declared, schema))
  const problems = given.flatMap(it => [
    ...findUnknown(it, declared, schema),
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

const parseExtra = (text: string, declared: VarTree, schema: Schema): Source => {
  if (text.startsWith('@')) {
    const file = text.slice(1)
    return requireMap(parseYaml(readTextFile(file, { place: `-e @${file}` }), file), text)
  }
  if (text.startsWith('{')) return requireMap({ ...parseYaml(text, '-e'), place: () => '-e' }, text)
  return makeSource(parsePairs(text, declared, schema), '-e')
}

const requireMap = (source: Source, text: string) => {
  if (isTree(source.data)) return source
  throw new InputError({ place: `-e ${text}`, message: 'holds no map of variables' })
}

/**
 * `a=1 b="two words" acme.email=x@y.example`: text, turned into the kind of the value that it
 * replaces.
 */
const parsePairs = (text: string, declared: VarTree, schema: Schema): VarTree => {
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
    const path = Object.hasOwn(declared, name) ? [name] : name.split('.')
    const reserved = path.find(isReservedKey)
    if (reserved !== undefined)
      throw new InputError({ place: '-e', message: `"${reserved}" cannot be a name` })
    const set = getValue(declared, path) ?? getValue(schema.defaults, path)
    const typed = convertLike(set ?? findSample(schema, path), unquote(value), name)
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

/** A value of the kind that the schema wants at a path, for what nobody sets. */
const findSample = (schema: Schema, [name = '', ...rest]: readonly string[]): unknown => {
  const { vars, environment, server, settings } = schema
  const shape: Shape = { ...vars, ...environment, ...server, ...settings }
  const type = rest.length === 0 && Object.hasOwn(shape, name) ? unwrap(shape[name]!) : null
  if (type?.def.type === 'boolean') return false
  return type?.def.type === 'number' ? 0 : type?.def.type === 'array' ? [] : undefined
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

const findUnknown = (given: Source, declared: VarTree, schema: Schema): Problem[] => {
  const names = new Set([...schema.names, ...Object.keys(schema.vars), ...Object.keys(declared)])
  return Object.keys(given.data as VarTree)
    .filter(name => !names.has(name))
    .map((name, i) => ({
      place: given.place([name], 'key'),
      // To compare every wrong name with every known one takes minutes; few errors are shown.
      message: `no variable is named ${name}${i < 20 ? formatSuggestion(name, names) : ''}`,
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
