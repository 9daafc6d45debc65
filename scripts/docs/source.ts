import { join } from 'node:path'
import type { Node } from 'typescript/unstable/ast'
import { SyntaxKind } from 'typescript/unstable/ast'
import {
  API,
  type Checker,
  type Symbol as Declaration,
  type Project,
  SignatureKind,
  SymbolFlags,
  type Type,
} from 'typescript/unstable/sync'

/** The project as the compiler understands it. */
export type CompiledProject = {
  readonly root: string
  readonly project: Project
  readonly checker: Checker
}

/** Opens the project in this folder, calls `use` with it, and ends the compiler. */
export const withSource = <T>(root: string, use: (source: CompiledProject) => T): T => {
  const api = new API({ cwd: root })
  try {
    const [project] = api
      .updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] })
      .getProjects()
    if (!project) throw new Error(`${root} has no tsconfig.json that the compiler can open`)
    return use({ root, project, checker: project.checker })
  } finally {
    api.close()
  }
}

/** The nodes that declare a symbol. */
export const listDeclarations = ({ project }: CompiledProject, symbol: Declaration): Node[] =>
  symbol.declarations.flatMap(handle => handle.resolve(project) ?? [])

/** `file:line` of a symbol's first declaration. */
export const locate = (source: CompiledProject, symbol: Declaration): string => {
  const [node] = listDeclarations(source, symbol)
  if (!node) return symbol.name
  const before = node.getSourceFile().text.slice(0, node.getStart())
  return `${findFile(source, node)}:${before.split('\n').length}`
}

/** The file of a node, from the project's root. */
export const findFile = ({ root }: CompiledProject, node: Node): string =>
  node.getSourceFile().fileName.slice(root.replace(/\/$/, '').length + 1)

/** Whether a symbol is declared in lib/operations. */
export const isOurs = (source: CompiledProject, symbol: Declaration): boolean =>
  listDeclarations(source, symbol).some(node =>
    findFile(source, node).startsWith('lib/operations/'),
  )

/** Follows an import or a shorthand property (`{ packages }`) to the symbol that it refers to. */
export const followAlias = (source: CompiledProject, symbol: Declaration): Declaration => {
  const [node] = listDeclarations(source, symbol)
  const value =
    node?.kind === SyntaxKind.ShorthandPropertyAssignment
      ? source.checker.getShorthandAssignmentValueSymbol(node)
      : undefined
  const next =
    value ??
    (symbol.flags & SymbolFlags.Alias ? source.checker.getAliasedSymbol(symbol) : undefined)
  return next && next.id !== symbol.id ? followAlias(source, next) : symbol
}

/** The docstring of a symbol as one paragraph. */
export const readDocstring = (source: CompiledProject, symbol: Declaration): string =>
  source.checker
    .getDocumentationCommentOfSymbol(symbol)
    .replace(/\s*\n\s*/g, ' ')
    .trim()

/** The type of a constructor's options, for a function that returns operations; otherwise null. */
export const findOptionsType = ({ checker }: CompiledProject, type: Type): Type | null => {
  const [signature] = checker.getSignaturesOfType(type, SignatureKind.Call)
  const made = signature && checker.getReturnTypeOfSignature(signature)
  if (!signature || !made || !isOperation(checker, made)) return null
  return checker.getParameterType(signature, 0) ?? null
}

/** Whether a value of the type is an operation, or a list of them. */
export const isOperation = (checker: Checker, type: Type): boolean =>
  checker.isArrayLikeType(type)
    ? type.isTypeReference() &&
      checker.getTypeArguments(type).some(item => isOperation(checker, item))
    : checker.getPropertyOfType(type, 'decide') !== undefined
