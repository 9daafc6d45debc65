/** Reads the settings of a project: types and defaults of the schemas, docstrings of the source. */
import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { type Symbol as Property, SignatureKind } from 'typescript/unstable/sync'
import { connection, makeSchema } from '../../lib/inventory/schema.ts'
import type { Declaration } from '../../lib/settings.ts'
import { type KeyMap, type KeyWalk, type SettingKey, walkKeys } from './setting-keys.ts'
import { type CompiledProject, followAlias, locate, readDocstring, withSource } from './source.ts'

/** The keys of one place of hosts.yaml. */
export type SettingSection = { readonly title: string; readonly keys: readonly SettingKey[] }
/** What one role, or the runner itself, reads of hosts.yaml. */
export type SettingGroup = {
  readonly name: string
  readonly doc: string
  readonly sections: readonly SettingSection[]
}
/** All settings of a project. */
export type SettingsReference = {
  readonly groups: readonly SettingGroup[]
  /** Keys without a docstring, or with one that contradicts the schema: `file:line: problem`. */
  readonly problems: readonly string[]
}

const ANY_LEVEL = 'For all, a cluster or a server'
const TITLES = { settings: ANY_LEVEL, server: 'For a server', environment: 'For an environment' }

/** Reads the declarations that the settings.ts of a project lists, in their order. */
export const describeSettings = (
  root: string,
  declarations: readonly Declaration[],
): SettingsReference =>
  withSource(root, source => {
    const walk: KeyWalk = {
      source,
      problems: [],
      elsewhere: Object.keys(connection),
      seen: new Map(),
    }
    const listed = listElements(source, findExport(source, 'settings.ts', 'settings'))
    const groups = declarations.map((declaration, i) =>
      readDeclaration(walk, declaration, listed[i]),
    )
    return { groups: [readCore(walk), ...groups], problems: walk.problems }
  })

/** The keys that the inventory itself has. */
const readCore = (walk: KeyWalk): SettingGroup => {
  const file = 'lib/inventory/schema.ts'
  const { checker } = walk.source
  const reached = checker.getTypeOfSymbol(findExport(walk.source, file, 'connection'))
  const made = checker.getTypeOfSymbol(findExport(walk.source, file, 'makeFileSchema'))
  const [signature] = made ? checker.getSignaturesOfType(made, SignatureKind.Call) : []
  const whole = signature && checker.getReturnTypeOfSignature(signature)
  if (!reached || !whole) throw new Error(`${file}: the compiler finds no type of the inventory`)
  const keys = walkKeys(walk, { schema: makeSchema([]).file, type: whole })
  return {
    name: 'The inventory',
    doc: 'The clusters, servers and environments, and how the runner reaches each server.',
    sections: [
      { title: 'The file', keys },
      { title: ANY_LEVEL, keys: walkKeys(walk, { schema: connection, type: reached }) },
    ],
  }
}

const readDeclaration = (
  walk: KeyWalk,
  declaration: Declaration,
  symbol: Property | undefined,
): SettingGroup => {
  const { role } = declaration
  const type = symbol && walk.source.checker.getTypeOfSymbol(symbol)
  if (!symbol || !type)
    throw new Error(`settings.ts: list the settings of ${role} by the name of their declaration`)
  const doc = readDocstring(walk.source, symbol)
  if (!doc)
    walk.problems.push(`${locate(walk.source, symbol)}: the settings of ${role} have no docstring`)
  const sections = (['settings', 'server', 'environment'] as const).flatMap(section => {
    const schema = declaration[section]
    const below = walk.source.checker.getPropertyOfType(type, section)
    const shape = below && walk.source.checker.getTypeOfSymbol(below)
    if (!schema || !shape) return []
    const keys: KeyMap = { schema, type: shape }
    return [{ title: TITLES[section], keys: walkKeys(walk, keys) }]
  })
  return { name: role, doc, sections }
}

const findExport = ({ root, project, checker }: CompiledProject, file: string, name: string) => {
  const module = project.program.getSourceFile(`${root}/${file}`)
  const symbol = module && checker.getSymbolAtLocation(module)
  const found = symbol && checker.getExportsOfModule(symbol).find(one => one.name === name)
  if (!found) throw new Error(`${file} exports no ${name}`)
  return found
}

/** The symbols that a list such as `[baseSettings, dockerSettings] as const` names. */
const listElements = (source: CompiledProject, list: Property): (Property | undefined)[] => {
  const [node] = list.declarations.flatMap(handle => handle.resolve(source.project) ?? [])
  const array = node && findArray(node)
  return (array?.elements ?? []).map(element => {
    const symbol = source.checker.getSymbolAtLocation(element)
    return symbol && followAlias(source, symbol)
  })
}

type ArrayNode = Node & { readonly elements: readonly Node[] }
const findArray = (node: Node): ArrayNode | undefined => {
  if (node.kind === SyntaxKind.ArrayLiteralExpression) return node as ArrayNode
  let found: ArrayNode | undefined
  node.forEachChild(child => {
    found ??= findArray(child)
  })
  return found
}
