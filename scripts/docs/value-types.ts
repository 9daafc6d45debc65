/** Reads the types of options as data, by which a running playbook checks values. */
import {
  type Symbol as Declaration,
  ElementFlags,
  SignatureKind,
  SymbolFlags,
  type TupleType,
  type Type,
  TypeFlags,
  type UnionType,
} from 'typescript/unstable/sync'
import type { Plain, ValueType } from '../../lib/operation/value-type.ts'
import { chooseForm, chooseRange } from './conventions.ts'
import { type CompiledProject, isOperation, listDeclarations } from './source.ts'

/** Types that are named once and used in several places, by their names. */
export type NamedValues = Map<string, { readonly id: number; type: ValueType | null }>

type Reading = {
  readonly source: CompiledProject
  readonly named: NamedValues
  /** The option whose type is read: its name and tags say what the type does not. */
  readonly option: Declaration | null
}

/** Reads types, in the order of their names. Those that a type names are put into `named`. */
export const readTypes = (
  source: CompiledProject,
  types: readonly (readonly [name: string, type: Type])[],
  named: NamedValues,
): Readonly<Record<string, ValueType>> =>
  sortByName(types.map(([name, type]) => [name, readType({ source, named, option: null }, type)]))

/** The types that were named, in the order of their names. */
export const readNamed = (named: NamedValues): Readonly<Record<string, ValueType>> =>
  sortByName([...named].map(([name, { type }]) => [name, type ?? 'any']))

const sortByName = (entries: readonly (readonly [string, ValueType])[]) =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))

const readType = (reading: Reading, type: Type): ValueType => {
  const name = findName(reading, type)
  const known = name === null ? undefined : reading.named.get(name)
  // Another module may have a type of that name: the second is written at its use.
  if (name === null || (known && known.id !== type.id)) return readWhole(reading, type)
  if (!known) {
    const entry = { id: type.id, type: null as ValueType | null }
    reading.named.set(name, entry)
    entry.type = readWhole({ ...reading, option: null }, type)
  }
  return { type: name }
}

/** The name of an object type that the project declares, so that it is written once. */
const findName = ({ source }: Reading, type: Type): string | null => {
  const alias = type.getAliasSymbol()
  if (!alias || type.getAliasTypeArguments().length > 0) return null
  const [node] = listDeclarations(source, alias)
  if (!node?.getSourceFile().fileName.startsWith(`${source.root}/`)) return null
  if (isOperation(source.checker, type) || findClass(source, type)) return null
  const parts = type.isUnionType() ? type.getTypes() : [type]
  return parts.some(part => part.isObjectType() || part.isIntersectionType()) ? alias.name : null
}

const readWhole = (reading: Reading, type: Type): ValueType => {
  if (type.isUnionType()) return readUnion(reading, type)
  if (type.isLiteralType()) return { is: [type.value as string | number | boolean] }
  if (type.isTemplateLiteralType()) return readTemplate(reading, type.texts, type.getTypes())
  if (type.flags & TypeFlags.String) return chooseForm(readTags(reading)) ?? 'text'
  if (type.flags & TypeFlags.Number) return chooseRange(readTags(reading))
  if (type.flags & (TypeFlags.Any | TypeFlags.Unknown)) return 'any'
  if (type.flags & TypeFlags.Boolean) return 'boolean'
  if (type.flags & TypeFlags.Null) return 'null'
  return readObject(reading, type)
}

const readTags = ({ source: { checker }, option }: Reading) => ({
  name: option?.name ?? '',
  tags: Object.fromEntries(
    (option ? checker.getJsDocTagsOfSymbol(option) : []).map(tag => [tag.name, tag.text ?? '']),
  ),
})

const isNothing = (type: Type): boolean =>
  (type.flags & (TypeFlags.Undefined | TypeFlags.Void | TypeFlags.Never)) !== 0

/** A union: words together, switches together, and each other member alone. */
const readUnion = (reading: Reading, union: UnionType): ValueType => {
  const members = union.getTypes().filter(type => !isNothing(type))
  const literals = members.flatMap(type => (type.isLiteralType() ? [type.value] : []))
  const isSwitch = literals.includes(true) && literals.includes(false)
  const words = literals
    .filter(word => typeof word !== 'bigint' && !(isSwitch && typeof word === 'boolean'))
    .sort(compareIn(readText(reading, union)))
  const others = members.filter(type => !type.isLiteralType()).map(type => readType(reading, type))
  const all: ValueType[] = [
    ...(words.length > 0 ? [{ is: words as (string | number | boolean)[] }] : []),
    ...(isSwitch ? (['boolean'] as const) : []),
    ...others.sort((a, b) => rank(a) - rank(b) || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  ]
  const [first = 'any', ...rest] = all
  return rest.length === 0 ? first : { either: all }
}

/** Simple types first, as a person lists them. */
const rank = (type: ValueType): number => {
  const order = ['text', 'form', 'like', 'number', 'boolean', 'Buffer', 'Secret']
  const place = order.indexOf(typeof type === 'string' ? type : (Object.keys(type)[0] ?? ''))
  return place < 0 ? order.length : place
}

/** The text of the declarations that name the words of a union. */
const readText = ({ source, option }: Reading, union: Type): string =>
  [option, union.getAliasSymbol()]
    .flatMap(symbol => (symbol ? listDeclarations(source, symbol) : []))
    .map(node => node.getText())
    .join('\n')

/** In the order of a text, then of the alphabet: the compiler's own order varies. */
const compareIn = (text: string) => (a: unknown, b: unknown) => {
  const place = (word: unknown) => {
    const at = text.search(new RegExp(`(?<![\\w-])${escapeText(String(word))}(?![\\w-])`))
    return at < 0 ? text.length : at
  }
  return place(a) - place(b) || (String(a) < String(b) ? -1 : 1)
}

const readTemplate = (
  reading: Reading,
  texts: readonly string[],
  types: readonly Type[],
): ValueType => {
  const spans = types.map(type => readSpan(readWhole({ ...reading, option: null }, type)))
  const write = (part: (text: string) => string, span: (one: Span) => string): string =>
    texts.map((text, i) => part(text) + (spans[i] ? span(spans[i]) : '')).join('')
  return {
    like: write(
      text => text,
      one => one.like,
    ),
    match: `^${write(escapeText, one => one.match)}$`,
  }
}

const escapeText = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')

type Span = { readonly like: string; readonly match: string }
const readSpan = (type: ValueType): Span => {
  if (type === 'number') return { like: '1', match: '\\d+(?:\\.\\d+)?' }
  if (type === 'text') return { like: '…', match: '[^\\0]*' }
  throw new Error(`a text with ${JSON.stringify(type)} in it is not known to scripts/docs`)
}

/** Classes whose values only their class distinguishes. */
const classes: readonly string[] = [
  'Secret',
  'Sh',
  'Deferred',
  'Buffer',
  'Date',
  'RegExp',
  'URL',
] satisfies readonly Plain[]
const findClass = (source: CompiledProject, type: Type): Plain | null => {
  const symbol = type.getSymbol()
  if (!symbol || !classes.includes(symbol.name)) return null
  const isClass = (symbol.flags & (SymbolFlags.Class | SymbolFlags.Interface)) !== 0
  return isClass && listDeclarations(source, symbol).length > 0 ? (symbol.name as Plain) : null
}

const readObject = (reading: Reading, type: Type): ValueType => {
  const { source } = reading
  const { checker } = source
  if (checker.isTupleType(type) && type.isTypeReference())
    return readTuple(reading, checker.getTypeArguments(type), type.getTarget() as TupleType)
  if (checker.isArrayLikeType(type) && type.isTypeReference())
    return { list: readType(reading, checker.getTypeArguments(type)[0] as Type) }
  if (isOperation(checker, type))
    return checker.getPropertyOfType(type, 'paths') ? 'operation with paths' : 'operation'
  const known = findClass(source, type)
  if (known) return known
  if (checker.getSignaturesOfType(type, SignatureKind.Call).length > 0) return 'function'
  const [index] = checker.getIndexInfosOfType(type)
  const properties = checker.getPropertiesOfType(type)
  return index && properties.length === 0
    ? { map: readType(reading, index.valueType) }
    : readOptions(reading, properties)
}

const readTuple = (reading: Reading, types: readonly Type[], tuple: TupleType): ValueType => {
  const flags = tuple.elementFlags
  const all = types.map(type => readType(reading, type))
  const isRest = (i: number) => ((flags[i] ?? 0) & ElementFlags.Rest) !== 0
  const rest = all.findIndex((_, i) => isRest(i))
  const fixed = rest < 0 ? all : all.slice(0, rest)
  const least = fixed.filter((_, i) => ((flags[i] ?? 0) & ElementFlags.Required) !== 0).length
  const list = rest < 0 ? (fixed.at(-1) ?? 'any') : (all[rest] ?? 'any')
  const isSame = fixed.every(one => JSON.stringify(one) === JSON.stringify(list))
  return {
    list,
    ...(isSame ? {} : { first: fixed }),
    least,
    ...(rest < 0 ? { most: fixed.length } : {}),
  }
}

const readOptions = (reading: Reading, properties: readonly Declaration[]): ValueType => {
  const { checker } = reading.source
  const options: Record<string, ValueType> = {}
  const not: string[] = []
  for (const option of properties) {
    const type = checker.getTypeOfSymbol(option)
    if (!type) continue
    const optional = (option.flags & SymbolFlags.Optional) !== 0
    if (isNothing(type)) not.push(option.name)
    else options[`${option.name}${optional ? '?' : ''}`] = readType({ ...reading, option }, type)
  }
  return { options, ...(not.length > 0 ? { not: not.sort() } : {}) }
}
