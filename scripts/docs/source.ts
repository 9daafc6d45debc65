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
export type Source = { readonly root: string; readonly project: Project; readonly checker: Checker }

/** Opens the project at that root, hands it over, and ends the compiler. */
export const withSource = <T>(root: string, use: (source: Source) => T): T => {
  const api = new API({ cwd: root })
  try {
    const [project] = api
      .updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] })
      .getProjects()
    if (!project) throw new Error(`there is no project at ${root}`)
    return use({ root, project, checker: project.checker })
  } finally {
    api.close()
  }
}

/** The nodes that declare a symbol. */
export const declared = ({ project }: Source, symbol: Declaration): Node[] =>
  symbol.declarations.flatMap(handle => handle.resolve(project) ?? [])

/** `file:line` of a symbol's first declaration. */
export const placeOf = (source: Source, symbol: Declaration): string => {
  const [node] = declared(source, symbol)
  if (!node) return symbol.name
  const before = node.getSourceFile().text.slice(0, node.getStart())
  return `${fileOf(source, node)}:${before.split('\n').length}`
}

/** The file of a node, from the project's root. */
export const fileOf = ({ root }: Source, node: Node): string =>
  node.getSourceFile().fileName.slice(root.replace(/\/$/, '').length + 1)

/** Whether a symbol is declared in lib/operations. */
export const isOurs = (source: Source, symbol: Declaration): boolean =>
  declared(source, symbol).some(node => fileOf(source, node).startsWith('lib/operations/'))

/**
 * What a name stands for: an import and a shorthand property (`{ packages }`) are followed to the
 * declaration.
 */
export const followed = (source: Source, symbol: Declaration): Declaration => {
  const [node] = declared(source, symbol)
  const value =
    node?.kind === SyntaxKind.ShorthandPropertyAssignment
      ? source.checker.getShorthandAssignmentValueSymbol(node)
      : undefined
  const next =
    value ??
    (symbol.flags & SymbolFlags.Alias ? source.checker.getAliasedSymbol(symbol) : undefined)
  return next && next.id !== symbol.id ? followed(source, next) : symbol
}

/** Its docstring, in one paragraph. */
export const docOf = (source: Source, symbol: Declaration): string =>
  source.checker
    .getDocumentationCommentOfSymbol(symbol)
    .replace(/\s*\n\s*/g, ' ')
    .trim()

/**
 * The type of the first argument of a function that makes an operation, or several; null of
 * anything else.
 */
export const wantOf = ({ checker }: Source, type: Type): Type | null => {
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
