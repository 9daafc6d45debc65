import { type Symbol as Declaration, SymbolFlags, type Type } from 'typescript/unstable/sync'
import type { OperationReference } from '../../lib/adhoc/reference.ts'
import { namedBy, optionsOf } from './options.ts'
import { docOf, followed, isOurs, placeOf, type Source, wantOf, withSource } from './source.ts'

export type Read = {
  /** In the order of their names. */
  readonly references: readonly OperationReference[]
  /** What has no docstring, as `file:line: what`. Empty is good. */
  readonly problems: readonly string[]
}

type Found = { readonly reference: OperationReference; readonly problems: readonly string[] }

/** Every operation that a module of lib/operations exports, as the compiler understands it. */
export const readOperations = (root: string): Read =>
  withSource(root, source => {
    const all = modules(source).flatMap(file => exportsOf(source, file))
    const references = all
      .map(({ reference }) => reference)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    return { references, problems: [...new Set(all.flatMap(({ problems }) => problems))].sort() }
  })

const modules = ({ root, project }: Source): string[] =>
  project.program
    .getSourceFileNames()
    .filter(
      path =>
        path.startsWith(`${root}/lib/operations/`) && !path.slice(root.length + 16).includes('/'),
    )

const exportsOf = (source: Source, file: string): Found[] => {
  const module = source.project.program.getSourceFile(file)
  const symbol = module && source.checker.getSymbolAtLocation(module)
  return symbol
    ? source.checker.getExportsOfModule(symbol).flatMap(one => found(source, one.name, one))
    : []
}

/**
 * The operation that a symbol is, and those that are its properties (`apt.packages`,
 * `stack.absent`).
 */
const found = (source: Source, name: string, symbol: Declaration, inner = false): Found[] => {
  const meant = followed(source, symbol)
  const type = meant.flags & SymbolFlags.Value ? source.checker.getTypeOfSymbol(meant) : undefined
  if (!type) return []
  const want = wantOf(source, type)
  const own = want ? [described(source, name, meant, want)] : []
  if (inner) return own
  const properties = source.checker.getPropertiesOfType(type).filter(one => isOurs(source, one))
  return [...own, ...properties.flatMap(one => found(source, `${name}.${one.name}`, one, true))]
}

const described = (source: Source, name: string, symbol: Declaration, want: Type): Found => {
  const options = optionsOf(source, want)
  const named = namedBy(source, options.all)
  const place = placeOf(source, symbol)
  const doc = docOf(source, symbol)
  const bare = [options, ...named.map(({ options }) => options)].flatMap(({ all }) =>
    all.filter(option => option.doc === ''),
  )
  return {
    reference: {
      name,
      doc,
      examples: source.checker
        .getJsDocTagsOfSymbol(symbol)
        .flatMap(tag => (tag.name === 'example' && tag.text ? [tag.text] : [])),
      file: place.replace(/:\d+$/, ''),
      want: nameOf(want),
      options,
      named,
    },
    problems: [
      ...(doc ? [] : [`${place}: ${name} has no docstring`]),
      ...bare.map(
        ({ symbol }) => `${placeOf(source, symbol)}: the option ${symbol.name} has no docstring`,
      ),
    ],
  }
}

/** The name of the options' type, also of options that may be left out. */
const nameOf = (want: Type): string => {
  const forms = want.isUnionType() ? want.getTypes().filter(form => form.isObjectType()) : []
  const [only = want, ...more] = forms
  return (
    (want.getAliasSymbol() ?? (more.length === 0 ? only.getAliasSymbol() : undefined))?.name ?? ''
  )
}
