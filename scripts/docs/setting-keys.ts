import type { Symbol as Property, Type } from 'typescript/unstable/sync'
import type * as z from 'zod'
import { splitDefault } from './render.ts'
import { describeType, formatValue, getDefinition, type SchemaDefinition } from './setting-type.ts'
import { type CompiledProject, followAlias, locate, readDocstring } from './source.ts'

/** One key of hosts.yaml. */
export type SettingKey = {
  /** Its path: `acme.email`, `operators.NAME.keys`. */
  readonly path: string
  /** Its type in words. */
  readonly type: string
  /** Its default; `required` if it must be set. Empty for a map whose keys follow. */
  readonly standard: string
  readonly doc: string
}

/** A map of schemas, or the schema of one, with its type in the source. */
export type KeyMap = {
  readonly schema: z.ZodType | Readonly<Record<string, z.ZodType>>
  readonly type: Type
}
/** What a walk over all settings collects. */
export type KeyWalk = {
  readonly source: CompiledProject
  /** Grows: `file:line: problem`. */
  readonly problems: string[]
  /** Keys at any level that are listed on their own. */
  readonly elsewhere: readonly string[]
  /** Grows: the path of each map that has been listed. It is listed once. */
  readonly seen: Map<unknown, string>
}

/** Lists the keys below a map, with those of the maps inside it, in the order of the source. */
export const walkKeys = (walk: KeyWalk, { schema, type }: KeyMap, at = ''): SettingKey[] => {
  const inside = 'def' in schema ? enter(walk, schema as z.ZodType, type) : { shape: schema, type }
  if (!('shape' in inside)) return []
  const symbols = walk.source.checker.getPropertiesOfType(inside.type)
  for (const name of Object.keys(inside.shape))
    if (!walk.elsewhere.includes(name) && !symbols.some(symbol => symbol.name === name))
      walk.problems.push(`the setting ${at}${name} is not in the type of its map: write it out`)
  return symbols.flatMap(symbol =>
    readKey(walk, symbol, inside.shape[symbol.name], at + symbol.name),
  )
}

/** The row of a key, and those of the keys below it. */
const readKey = (
  walk: KeyWalk,
  symbol: Property,
  schema: z.ZodType | undefined,
  path: string,
): SettingKey[] => {
  const type = walk.source.checker.getTypeOfSymbol(symbol)
  if (!schema || !type)
    throw new Error(`${locate(walk.source, symbol)}: ${path} has no schema at run time`)
  const doc = readDoc(walk.source, symbol)
  const complain = (problem: string) =>
    walk.problems.push(`${locate(walk.source, symbol)}: the setting ${path} ${problem}`)
  if (doc === '') complain('has no docstring')
  const inside = enter(walk, schema, type)
  if (!('shape' in inside))
    return [{ path, type: describeType(schema), ...settle(schema, doc, complain) }]
  const below = path + inside.suffix
  const before = walk.seen.get(inside.shape)
  walk.seen.set(inside.shape, before ?? below)
  const row = { path: below, doc: settle(schema, doc, () => {}).doc, standard: '' }
  return before
    ? [{ ...row, type: `the keys of \`${before}\`` }]
    : [
        { ...row, type: 'the keys below' },
        ...walkKeys(walk, { schema: inside.shape, type: inside.type }, `${below}.`),
      ]
}

/** The docstring of a key; that of the value if the key is short for it (`{ images }`). */
const readDoc = (source: CompiledProject, symbol: Property): string =>
  readDocstring(source, symbol) || readDocstring(source, followAlias(source, symbol))

type Inside = { readonly shape: Readonly<Record<string, z.ZodType>>; readonly suffix: string }
/** The map in a schema, below its default and the names of a record; or the leaf that it is. */
const enter = (
  walk: KeyWalk,
  schema: z.ZodType,
  type: Type | undefined,
  suffix = '',
): (Inside & { readonly type: Type }) | { readonly leaf: SchemaDefinition } => {
  const definition = getDefinition(schema)
  const { shape, innerType, valueType } = definition
  const member = (of: Type | undefined, name: string) => {
    const symbol = of && walk.source.checker.getPropertyOfType(of, name)
    return symbol && walk.source.checker.getTypeOfSymbol(symbol)
  }
  if (innerType) return enter(walk, innerType, member(member(type, 'def'), 'innerType'), suffix)
  if (valueType)
    return enter(walk, valueType, member(member(type, 'def'), 'valueType'), `${suffix}.NAME`)
  const inner = member(type, 'shape')
  return shape && inner ? { shape, type: inner, suffix } : { leaf: definition }
}

/** The default of a key, and its docstring without the sentences that only repeat the schema. */
const settle = (
  schema: z.ZodType,
  doc: string,
  complain: (problem: string) => void,
): Pick<SettingKey, 'standard' | 'doc'> => {
  const { type, defaultValue } = getDefinition(schema)
  const [rest, said] = splitDefault(doc)
  const isLiteral = said !== '' && doc.includes(`Default ${said}`)
  const without = rest.replace(/(?:^|(?<=\. ))Required\.(?: |$)/, '').trim()
  if (type === 'default') {
    const value = formatValue(defaultValue)
    if (isLiteral && said !== value) complain(`says "Default ${said}", its schema ${value}`)
    if (value === 'none') return { standard: said || value, doc: rest }
    return { standard: `\`${value}\``, doc: said === value ? rest : doc }
  }
  if (type === 'optional') return { standard: said || 'none', doc: rest }
  if (isLiteral) complain(`says "Default ${said}", its schema that it is required`)
  return said ? { standard: said, doc: rest } : { standard: 'required', doc: without }
}
