/** Finds the types of options of calls and of roles, which are described as operations' are. */
import { dirname, relative } from 'node:path'
import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { SignatureKind, type Type } from 'typescript/unstable/sync'
import type { KnownRoles } from '../../lib/operation/value-type.ts'
import type { CompiledProject } from './source.ts'
import { type NamedValues, readNamed, readTypes } from './value-types.ts'

type NamedType = readonly [name: string, type: Type]

/** The calls that the type `Calls` of lib/run/calls.ts names. None if there is no such file. */
export const listCalls = ({ root, project, checker }: CompiledProject): readonly NamedType[] => {
  const file = project.program.getSourceFile(`${root}/lib/run/calls.ts`)
  const module = file && checker.getSymbolAtLocation(file)
  const calls = module && checker.getExportsOfModule(module).find(({ name }) => name === 'Calls')
  if (!calls) return []
  return checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(calls))
    .flatMap((one): NamedType[] => {
      const type = checker.getTypeOfSymbol(one)
      return type ? [[one.name, type]] : []
    })
}

/** What `role(import.meta, 'NAME', …)` calls make, by the folder of their file from the root. */
export const describeRoles = (source: CompiledProject): ReadonlyMap<string, KnownRoles> => {
  const folders = new Map<string, NamedType[]>()
  for (const { folder, name, type } of listRoles(source)) {
    const all = folders.get(folder) ?? []
    if (all.some(([known]) => known === name))
      throw new Error(`${folder} has two roles with the name ${name}: options.json names each once`)
    folders.set(folder, [...all, [name, type]])
  }
  return new Map(
    [...folders].map(([folder, all]) => {
      const named: NamedValues = new Map()
      const roles = readTypes(source, all, named)
      return [folder, { types: readNamed(named), roles }]
    }),
  )
}

type FoundRole = { readonly folder: string; readonly name: string; readonly type: Type }

const listRoles = (source: CompiledProject): readonly FoundRole[] => {
  const { root, project } = source
  return project.program.getSourceFileNames().flatMap(path => {
    const below = relative(root, path)
    if (!path.startsWith(`${root}/`) || /^(?:lib|test)\/|(?:^|\/)node_modules\//.test(below))
      return []
    const file = project.program.getSourceFile(path)
    if (!file || !/\brole\(\s*import\.meta/.test(file.text)) return []
    const folder = dirname(below)
    return listRoleCalls(file).flatMap(call => readRole(source, folder, call))
  })
}

type Call = Node & { readonly expression: Node; readonly arguments: readonly Node[] }

const listRoleCalls = (node: Node): readonly Call[] => {
  const below: Call[] = []
  node.forEachChild(child => {
    below.push(...listRoleCalls(child))
  })
  if (node.kind !== SyntaxKind.CallExpression) return below
  const call = node as Call
  const isRole =
    call.expression.getText() === 'role' && call.arguments[0]?.getText() === 'import.meta'
  return isRole ? [call, ...below] : below
}

const readRole = ({ checker }: CompiledProject, folder: string, call: Call): FoundRole[] => {
  const word = call.arguments[1]
  const made = checker.getTypeAtLocation(call)
  const [signature] = made ? checker.getSignaturesOfType(made, SignatureKind.Call) : []
  const type = signature && checker.getParameterType(signature, 0)
  if (word?.kind !== SyntaxKind.StringLiteral || !type) return []
  return [{ folder, name: (word as Node & { readonly text: string }).text, type }]
}
