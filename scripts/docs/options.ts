import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { type Symbol as Declaration, SymbolFlags, type Type } from 'typescript/unstable/sync'
import type { NamedOptions, ReferenceOption, ReferenceOptions } from '../../lib/adhoc/reference.ts'
import {
  type CompiledProject,
  followAlias,
  isOperation,
  isOurs,
  listDeclarations,
  readDocstring,
} from './source.ts'

/** An option with the symbol that declares it and its type in the source. */
type Found = ReferenceOption & { readonly symbol: Declaration; readonly nodes: readonly Node[] }
/** Options with the symbols that declare them. */
type FoundOptions = Omit<ReferenceOptions, 'all'> & { readonly all: readonly Found[] }

/** Reads the options of a type; those of all forms together if it is a union. */
export const readOptionTypes = (source: CompiledProject, type: Type): FoundOptions => {
  const forms = listForms(type).map(form =>
    source.checker.getPropertiesOfType(form).flatMap(symbol => readOption(source, symbol)),
  )
  const all = new Map<string, Found>()
  for (const option of forms.flat()) {
    const known = all.get(option.name)
    all.set(option.name, known ? mergeOptions(known, option) : option)
  }
  const everywhere = [...all.keys()].filter(name =>
    forms.every(form => form.some(option => option.name === name)),
  )
  const own = forms.map(form =>
    form.map(({ name }) => name).filter(name => !everywhere.includes(name)),
  )
  return { all: [...all.values()], forms: own.some(names => names.length > 0) ? own : [] }
}

/** The forms of a union. An optional argument is a union with undefined, which does not count. */
const listForms = (type: Type): readonly Type[] =>
  type.isUnionType()
    ? type.getTypes().filter(form => form.isObjectType() || form.isIntersectionType())
    : [type]

/** Reads one option. Empty for an option that a form excludes (`source?: never`). */
const readOption = (source: CompiledProject, symbol: Declaration): Found[] => {
  const nodes = listDeclarations(source, symbol).flatMap(node => findTypeNode(node) ?? [])
  const types = [...new Set(nodes.map(node => node.getText().replace(/\s+/g, ' ')))].filter(
    text => text !== 'never',
  )
  if (types.length === 0) return []
  const required = (symbol.flags & SymbolFlags.Optional) === 0
  return [
    {
      name: symbol.name,
      type: types.join(' | '),
      doc: readDocstring(source, symbol),
      required,
      symbol,
      nodes,
    },
  ]
}

const findTypeNode = (node: Node): Node | undefined =>
  node.kind === SyntaxKind.PropertySignature
    ? (node as Node & { readonly type?: Node }).type
    : undefined

/** The alternatives of a type that is nothing but words; of any other, the type itself. */
const listAlternatives = (type: string): readonly string[] =>
  /^'[^']*'( \| '[^']*')*$/.test(type) ? type.split(' | ') : [type]

const mergeOptions = (one: Found, other: Found): Found => ({
  ...one,
  type: [...new Set([...listAlternatives(one.type), ...listAlternatives(other.type)])].join(' | '),
  doc: one.doc || other.doc,
  required: one.required && other.required,
  nodes: [...one.nodes, ...other.nodes],
})

/** The types of lib/operations with options that these options name, directly or indirectly. */
export const listNamedTypes = (
  source: CompiledProject,
  options: readonly Found[],
  seen: Set<string> = new Set(),
): (Omit<NamedOptions, 'options'> & { readonly options: FoundOptions })[] =>
  options.flatMap(({ nodes }) =>
    nodes.flatMap(listTypeReferences).flatMap(node => {
      const at = source.checker.getSymbolAtLocation(node)
      const symbol = at && followAlias(source, at)
      if (!symbol || seen.has(symbol.name) || !isOurs(source, symbol)) return []
      seen.add(symbol.name)
      const type = source.checker.getDeclaredTypeOfSymbol(symbol)
      if (!listForms(type).every(form => form.isObjectType() || form.isIntersectionType()))
        return []
      if (source.checker.isArrayLikeType(type) || isOperation(source.checker, type)) return []
      const own = readOptionTypes(source, type)
      if (own.all.length === 0) return []
      return [
        { name: symbol.name, doc: readDocstring(source, symbol), options: own },
        ...listNamedTypes(source, own.all, seen),
      ]
    }),
  )

/** The type names that a type in the source refers to. */
const listTypeReferences = (node: Node): Node[] => {
  const own =
    node.kind === SyntaxKind.TypeReference
      ? [(node as Node & { readonly typeName: Node }).typeName]
      : []
  const below: Node[] = []
  node.forEachChild(child => {
    below.push(...listTypeReferences(child))
  })
  return [...own, ...below]
}
