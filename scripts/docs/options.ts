import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { type Symbol as Declaration, SymbolFlags, type Type } from 'typescript/unstable/sync'
import type { NamedOptions, ReferenceOption, ReferenceOptions } from '../../lib/adhoc/reference.ts'
import { declared, docOf, followed, isOperation, isOurs, type Source } from './source.ts'

/** An option, the symbol that declares it, and its type in the source. */
type Found = ReferenceOption & { readonly symbol: Declaration; readonly nodes: readonly Node[] }
/** Options with what they were read from. */
type FoundOptions = Omit<ReferenceOptions, 'all'> & { readonly all: readonly Found[] }

/**
 * The options of a type, those of a union's forms together, each with the symbol that declares it.
 */
export const optionsOf = (source: Source, type: Type): FoundOptions => {
  const forms = formsOf(type).map(form =>
    source.checker.getPropertiesOfType(form).flatMap(symbol => found(source, symbol)),
  )
  const all = new Map<string, Found>()
  for (const option of forms.flat()) {
    const known = all.get(option.name)
    all.set(option.name, known ? merged(known, option) : option)
  }
  const everywhere = [...all.keys()].filter(name =>
    forms.every(form => form.some(option => option.name === name)),
  )
  const own = forms.map(form =>
    form.map(({ name }) => name).filter(name => !everywhere.includes(name)),
  )
  return { all: [...all.values()], forms: own.some(names => names.length > 0) ? own : [] }
}

/** An argument that may be left out is a union with undefined, which is no form of it. */
const formsOf = (type: Type): readonly Type[] =>
  type.isUnionType()
    ? type.getTypes().filter(form => form.isObjectType() || form.isIntersectionType())
    : [type]

/** Nothing for an option that a form rules out (`source?: never`). */
const found = (source: Source, symbol: Declaration): Found[] => {
  const nodes = declared(source, symbol).flatMap(node => typeNode(node) ?? [])
  const types = [...new Set(nodes.map(node => node.getText().replace(/\s+/g, ' ')))].filter(
    text => text !== 'never',
  )
  if (types.length === 0) return []
  const required = (symbol.flags & SymbolFlags.Optional) === 0
  return [
    {
      name: symbol.name,
      type: types.join(' | '),
      doc: docOf(source, symbol),
      required,
      symbol,
      nodes,
    },
  ]
}

const typeNode = (node: Node): Node | undefined =>
  node.kind === SyntaxKind.PropertySignature
    ? (node as Node & { readonly type?: Node }).type
    : undefined

const merged = (one: Found, other: Found): Found => ({
  ...one,
  type: one.type === other.type ? one.type : `${one.type} | ${other.type}`,
  doc: one.doc || other.doc,
  required: one.required && other.required,
  nodes: [...one.nodes, ...other.nodes],
})

/**
 * The types of lib/operations that options name and that have options of their own; each once, and
 * those that they name in turn.
 */
export const namedBy = (
  source: Source,
  options: readonly Found[],
  seen: Set<string> = new Set(),
): (Omit<NamedOptions, 'options'> & { readonly options: FoundOptions })[] =>
  options.flatMap(({ nodes }) =>
    nodes.flatMap(references).flatMap(node => {
      const at = source.checker.getSymbolAtLocation(node)
      const symbol = at && followed(source, at)
      if (!symbol || seen.has(symbol.name) || !isOurs(source, symbol)) return []
      seen.add(symbol.name)
      const type = source.checker.getDeclaredTypeOfSymbol(symbol)
      if (!formsOf(type).every(form => form.isObjectType() || form.isIntersectionType())) return []
      if (source.checker.isArrayLikeType(type) || isOperation(source.checker, type)) return []
      const own = optionsOf(source, type)
      if (own.all.length === 0) return []
      return [
        { name: symbol.name, doc: docOf(source, symbol), options: own },
        ...namedBy(source, own.all, seen),
      ]
    }),
  )

/** The names of types in a piece of type text. */
const references = (node: Node): Node[] => {
  const own =
    node.kind === SyntaxKind.TypeReference
      ? [(node as Node & { readonly typeName: Node }).typeName]
      : []
  const below: Node[] = []
  node.forEachChild(child => {
    below.push(...references(child))
  })
  return [...own, ...below]
}
