import {
  Composer,
  CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  Parser,
} from 'yaml'
import { InputError, type Problem } from '../errors/input-error.ts'
import { shortenPath } from '../errors/read-text.ts'
import type { Path, Source } from './source.ts'
import { type AliasTargets, composeData, isMergeKey, MOST_LEVELS } from './yaml-data.ts'

/**
 * Parses a YAML file. One InputError names all that is wrong with its form: syntax, repeated keys,
 * aliases, merges, tags. Positions are computed when they are needed.
 */
export const parseYaml = (text: string, file: string): Source => {
  const lines = new LineCounter()
  const doc = composeDocument(text, file, lines)
  const at = (offset: number) => formatPlace(file, lines, offset)
  const problems: Problem[] = doc.errors.map(({ pos: [start], message }) => ({
    place: at(start),
    message,
  }))
  if (problems.length > 0) throw new InputError(problems)
  const { data, targets } = composeData(doc.contents, (offset, message, next) =>
    problems.push({ place: at(offset), message, next }),
  )
  if (problems.length > 0) throw new InputError(problems)
  const find = createFinder(doc.contents, targets)
  return { data, place: (path, part = 'value') => at(find(path, part)) }
}

/**
 * Composes the document. The library's composer recurses: what is nested too deeply is refused
 * before, since at the end of the stack V8 may end the process.
 */
const composeDocument = (text: string, file: string, lines: LineCounter): Document => {
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  const deep = findDeepToken(tokens)
  if (deep !== null)
    throw new InputError({
      place: formatPlace(file, lines, deep),
      message: `is nested more than ${MOST_LEVELS} levels deep`,
    })
  // The library's own check of unique keys is quadratic: 0.24 s for 5,000 hosts. Ours is linear.
  const composer = new Composer({
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    stringKeys: true,
    uniqueKeys: false,
  })
  const [doc, second] = composer.compose(tokens, true, text.length)
  if (second)
    throw new InputError({
      place: formatPlace(file, lines, second.range[0]),
      message: 'a second document begins here: one file holds one',
    })
  return doc as Document
}

/** Finds the offset of the first token that lies too deep; null without one. */
const findDeepToken = (tokens: readonly CST.Token[]): number | null => {
  let level: readonly unknown[] = tokens
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) return (level[0] as CST.Token).offset
    level = level.flatMap(listInnerTokens)
  }
  return null
}

/** The collections that a token holds: a document's value, keys and values of a collection. */
const listInnerTokens = (token: unknown): CST.Token[] => {
  const {
    type,
    value,
    items = [],
  } = token as {
    readonly type: string
    readonly value?: unknown
    readonly items?: readonly { readonly key?: unknown; readonly value?: unknown }[]
  }
  const inner = type === 'document' ? [value] : items.flatMap(({ key, value }) => [key, value])
  return inner.filter(one => CST.isCollection(one as CST.Token)) as CST.Token[]
}

const formatPlace = (file: string, lines: LineCounter, offset: number): string => {
  const { line, col } = lines.linePos(offset)
  return `${shortenPath(file)}:${line}:${col}`
}

type Find = (path: Path, part: 'key' | 'value') => number

/** Finds the offset of a value or its key. Maps are indexed once: a file may have many problems. */
const createFinder = (root: unknown, targets: AliasTargets): Find => {
  const indexes = new WeakMap<object, ReadonlyMap<string, Pair>>()
  const open = (node: unknown): unknown => (isAlias(node) ? targets.get(node) : node)
  const indexMap = (map: unknown): ReadonlyMap<string, Pair> => {
    const node = open(map)
    if (!isMap(node)) return new Map()
    const known = indexes.get(node)
    if (known) return known
    const index = new Map<string, Pair>()
    indexes.set(node, index)
    for (const { key, value } of node.items)
      if (isMergeKey(key))
        for (const source of listSources(value, open))
          for (const [name, pair] of indexMap(source)) if (!index.has(name)) index.set(name, pair)
    for (const pair of node.items as Pair[])
      if (isScalar(pair.key) && !isMergeKey(pair.key)) index.set(String(pair.key.value), pair)
    return index
  }
  return (path, part) => findOffset(root, path, part, { open, indexMap })
}

type Pair = { readonly key: Node; readonly value: Node | null }
type Opener = {
  readonly open: (node: unknown) => unknown
  readonly indexMap: (node: unknown) => ReadonlyMap<string, Pair>
}

const listSources = (value: unknown, open: (node: unknown) => unknown): readonly unknown[] => {
  const node = open(value)
  return (node as { items?: readonly unknown[] } | null)?.items && !isMap(node)
    ? (node as { items: readonly unknown[] }).items
    : [node]
}

const findOffset = (
  root: unknown,
  path: Path,
  part: 'key' | 'value',
  { open, indexMap }: Opener,
): number => {
  let node: unknown = open(root)
  let offset = (node as Node | null)?.range?.[0] ?? 0
  for (const [depth, step] of path.entries()) {
    const pair = isMap(node) ? indexMap(node).get(String(step)) : undefined
    const items = isMap(node) ? undefined : (node as { items?: readonly unknown[] } | null)?.items
    const next = pair ? pair.value : items?.[Number(step)]
    if (next === undefined) break
    const isEnd = depth === path.length - 1
    const marked =
      pair && isEnd && (part === 'key' || next === null) ? pair.key : (next ?? pair?.key)
    offset = (marked as Node | undefined)?.range?.[0] ?? offset
    node = open(next)
  }
  return offset
}
