import { type Symbol as Declaration, SymbolFlags, type Type } from 'typescript/unstable/sync'
import type { OperationReference } from '../../lib/adhoc/reference.ts'
import type { KnownValues } from '../../lib/operation/value-type.ts'
import { listCalls } from './calls.ts'
import { listNamedTypes, readOptionTypes } from './options.ts'
import {
  type CompiledProject,
  findOptionsType,
  followAlias,
  isOurs,
  locate,
  readDocstring,
  withSource,
} from './source.ts'
import { type NamedValues, readNamed, readTypes } from './value-types.ts'

export type ReadOperations = {
  /** In the order of their names. */
  readonly references: readonly OperationReference[]
  /** Operations and options without a docstring, as `file:line: problem`. */
  readonly problems: readonly string[]
  /** What the values of their options may be. */
  readonly values: KnownValues
}

type Found = {
  readonly reference: OperationReference
  readonly problems: readonly string[]
  /** The type of its options. */
  readonly type: Type
}

/** Every operation that a module of lib/operations exports, as the compiler understands it. */
export const readOperations = (root: string): ReadOperations => withSource(root, describeOperations)

/** Describes the operations of an open project. */
export const describeOperations = (source: CompiledProject): ReadOperations => {
  const all = listModules(source).flatMap(file => readExports(source, file))
  const references = all
    .map(({ reference }) => reference)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    references,
    problems: [...new Set(all.flatMap(({ problems }) => problems))].sort(),
    values: readValues(source, all),
  }
}

const readValues = (source: CompiledProject, all: readonly Found[]): KnownValues => {
  const named: NamedValues = new Map()
  const operations = readTypes(
    source,
    all.map(({ reference, type }) => [reference.name, type]),
    named,
  )
  const calls = readTypes(source, listCalls(source), named)
  return { types: readNamed(named), operations, calls }
}

const listModules = ({ root, project }: CompiledProject): string[] =>
  project.program
    .getSourceFileNames()
    .filter(
      path =>
        path.startsWith(`${root}/lib/operations/`) && !path.slice(root.length + 16).includes('/'),
    )

const readExports = (source: CompiledProject, file: string): Found[] => {
  const module = source.project.program.getSourceFile(file)
  const symbol = module && source.checker.getSymbolAtLocation(module)
  return symbol
    ? source.checker.getExportsOfModule(symbol).flatMap(one => readSymbol(source, one.name, one))
    : []
}

/** The operation of a symbol, and those of its properties (`apt.packages`, `docker.engine`). */
const readSymbol = (
  source: CompiledProject,
  name: string,
  symbol: Declaration,
  inner = false,
): Found[] => {
  const meant = followAlias(source, symbol)
  const type = meant.flags & SymbolFlags.Value ? source.checker.getTypeOfSymbol(meant) : undefined
  if (!type) return []
  const want = findOptionsType(source, type)
  const own = want ? [describeOperation(source, name, meant, want)] : []
  if (inner) return own
  const properties = source.checker.getPropertiesOfType(type).filter(one => isOurs(source, one))
  return [
    ...own,
    ...properties.flatMap(one => readSymbol(source, `${name}.${one.name}`, one, true)),
  ]
}

const describeOperation = (
  source: CompiledProject,
  name: string,
  symbol: Declaration,
  want: Type,
): Found => {
  const options = readOptionTypes(source, want)
  const named = listNamedTypes(source, options.all)
  const place = locate(source, symbol)
  const doc = readDocstring(source, symbol)
  const bare = [options, ...named.map(({ options }) => options)].flatMap(({ all }) =>
    all.filter(option => option.doc === ''),
  )
  return {
    type: want,
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
        ({ symbol }) => `${locate(source, symbol)}: the option ${symbol.name} has no docstring`,
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
