import { type Document, isMap, isScalar, type Node, type Pair, type YAMLMap } from 'yaml'
import type { Plain } from './document.ts'
import { renderBlock, renderInline } from './render.ts'

type Mapping = YAMLMap<Node, Node | null>
type Item = Pair<Node, Node | null>

/**
 * The place of a key: its map, its pair, and the part of its path that does not exist yet.
 */
type Place = { readonly map: Mapping; readonly pair: Item | null; readonly rest: readonly string[] }

/**
 * The text with one key set (undefined: taken out) by cutting and pasting at its place, all else
 * untouched, byte by byte. Null if the place cannot be found in the text. The caller parses the
 * result again to prove its meaning.
 */
export const spliceValue = (
  text: string,
  document: Document,
  path: readonly string[],
  value: Plain | undefined,
): string | null => {
  if (document.contents === null && value !== undefined) return appendKey(text, path, value)
  const place = findPlace(document, path)
  if (!place) return null
  const { map, pair, rest } = place
  if (value === undefined)
    return pair ? (map.flow ? cutFlow(text, map, pair) : cutBlock(text, pair)) : text
  if (pair) return replaceValue(text, map, pair, nestValue(rest, value))
  const [key = '', ...below] = rest
  return map.flow
    ? insertIntoFlow(text, map, key, nestValue(below, value))
    : insertIntoBlock(text, map, key, nestValue(below, value))
}

const findPlace = (document: Document, path: readonly string[]): Place | null => {
  let node = document.contents as unknown
  for (const [i, key] of path.entries()) {
    if (!isMap(node)) return null
    const map = node as Mapping
    const pair =
      map.items.find(item => isScalar(item.key) && String(item.key.value) === key) ?? null
    if (!pair || i === path.length - 1 || !isMap(pair.value))
      return { map, pair, rest: path.slice(pair ? i + 1 : i) }
    node = pair.value
  }
  return null
}

const nestValue = (path: readonly string[], value: Plain): Plain =>
  path.reduceRight<Plain>((inner, key) => ({ [key]: inner }), value)

const replaceValue = (text: string, map: Mapping, pair: Item, value: Plain): string | null => {
  const { value: old } = pair
  const inline =
    isScalar(old) &&
    old.type !== 'BLOCK_LITERAL' &&
    old.type !== 'BLOCK_FOLDED' &&
    (old.source ?? '') !== ''
  if (old?.range && (map.flow || (inline && !isCollection(value)))) {
    const [from, to] = old.range
    const fresh =
      map.flow && isCollection(value)
        ? formatValue(text, map, value)
        : renderInline(value, text.slice(from, to))
    return paste(text, from, to, map.flow && !isCollection(value) ? JSON.stringify(value) : fresh)
  }
  if (map.flow) return null
  const from = findStart(pair)
  return paste(
    text,
    from,
    findEnd(text, pair),
    indent(renderBlock(readKey(pair), value), ' '.repeat(findColumn(text, from))),
  )
}

/** The first key of a file that has none, after its comments. */
const appendKey = (text: string, [key = '', ...below]: readonly string[], value: Plain): string =>
  paste(
    text,
    text.length,
    text.length,
    (text === '' || text.endsWith('\n') ? '' : '\n') +
      `${renderBlock(key, nestValue(below, value))}\n`,
  )

const insertIntoBlock = (text: string, map: Mapping, key: string, value: Plain): string | null => {
  const [first, last] = [map.items[0], map.items.at(-1)]
  if (!first || !last) return null
  const margin = ' '.repeat(findColumn(text, findStart(first)))
  const end = findLineEnd(text, findEnd(text, last))
  return paste(text, end, end, `\n${margin}${indent(renderBlock(key, value), margin)}`)
}

const insertIntoFlow = (text: string, map: Mapping, key: string, value: Plain): string => {
  const open = map.range?.[0] ?? 0
  const close = (map.range?.[1] ?? 0) - 1
  const last = map.items.at(-1)
  const end = open + text.slice(open, close).trimEnd().length
  const { margin, unit } = readLayout(text, map)
  const item = `${JSON.stringify(key)}: ${formatValue(text, map, value)}`
  if (!last)
    return paste(
      text,
      open + 1,
      close,
      margin === null ? item : `\n${margin}${item}\n${margin.slice(unit.length)}`,
    )
  const after = findPairEnd(last)
  const comma = firstComma.test(text.slice(after, close)) ? '' : ','
  return paste(
    paste(text, end, end, `${margin === null ? ' ' : `\n${margin}`}${item}`),
    after,
    after,
    comma,
  )
}

/** Without the pair and one comma: the one behind it, or, for the last pair, the one before it. */
const cutFlow = (text: string, map: Mapping, pair: Item): string => {
  const [from, to] = [findStart(pair), findPairEnd(pair)]
  const behind = /^\s*,[^\S\n]*\n?[^\S\n]*/.exec(text.slice(to))?.[0]
  const before = map.items[map.items.indexOf(pair) - 1]
  if (behind !== undefined || !before) return paste(text, from, to + (behind?.length ?? 0), '')
  const kept = text.slice(findPairEnd(before), from).replace(firstComma, '$1').trimEnd()
  return paste(text, findPairEnd(before), to, kept)
}

const cutBlock = (text: string, pair: Item): string | null => {
  const from = findStart(pair) - findColumn(text, findStart(pair))
  // the first key of an entry of a list follows its dash
  if (text.slice(from, findStart(pair)).trim() !== '') return null
  const to = findLineEnd(text, findEnd(text, pair))
  return paste(text, from, to + (/^\r?\n/.exec(text.slice(to))?.[0].length ?? 0), '')
}

/** The comma after a value, and the comments before it. */
const firstComma = /^((?:\s|\/\/[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*),/

/** A value as JSON, laid out as the map that it is written to. */
const formatValue = (text: string, map: Mapping, value: Plain): string => {
  const { margin, unit } = readLayout(text, map)
  return margin === null ? JSON.stringify(value) : indent(JSON.stringify(value, null, unit), margin)
}

/**
 * How the items of a bracketed map are laid out: each on a separate line with a margin, or (null)
 * all on one line.
 */
const readLayout = (text: string, map: Mapping): { margin: string | null; unit: string } => {
  const [open = 0, close = 0] = map.range ?? []
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '
  const line = text.slice(text.lastIndexOf('\n', open) + 1)
  const outer = /^[ \t]*/.exec(line)?.[0] ?? ''
  const [first] = map.items
  if (!first) return { margin: outer + unit, unit }
  const head = text.slice(text.lastIndexOf('\n', findStart(first)) + 1, findStart(first))
  return text.slice(open, close).includes('\n') && head.trim() === ''
    ? { margin: head, unit }
    : { margin: null, unit }
}

const isCollection = (value: Plain): boolean => typeof value === 'object' && value !== null
const readKey = (pair: Item): string => (isScalar(pair.key) ? String(pair.key.value) : '')
const findStart = (pair: Item): number => pair.key.range?.[0] ?? 0
const findPairEnd = (pair: Item): number => pair.value?.range?.[1] ?? pair.key.range?.[1] ?? 0
/** The end of what a pair says, without the line breaks that follow. */
const findEnd = (text: string, pair: Item): number =>
  text.slice(0, findPairEnd(pair)).trimEnd().length
const findColumn = (text: string, at: number): number => at - (text.lastIndexOf('\n', at - 1) + 1)
const findLineEnd = (text: string, at: number): number =>
  at + (/^[^\r\n]*/.exec(text.slice(at))?.[0].length ?? 0)
const indent = (text: string, margin: string): string => text.replace(/\n(?=[^\n])/g, `\n${margin}`)
const paste = (text: string, from: number, to: number, fresh: string): string =>
  text.slice(0, from) +
  (text.includes('\r\n') ? fresh.replaceAll('\n', '\r\n') : fresh) +
  text.slice(to)
