import { type Document, parseDocument } from 'yaml'

/** What is wrong with a file of settings on the host. */
export class DocumentError extends Error {}

/** A value of a file of settings, without secrets in it. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | readonly Plain[]
  | { readonly [key: string]: Plain }

/** How a file of settings is read and written. */
export type Format = {
  /**
   * Parses the text. Each node of the document keeps its position in the text. Throws a
   * DocumentError that says what is wrong.
   */
  readonly parse: (text: string) => Document
  /** What the programs that own such files read in it: one value for each way to read it. */
  readonly read: (text: string) => readonly unknown[]
  /** Writes the whole document anew and keeps comments; null for a format without a writer. */
  readonly whole: ((document: Document) => string) | null
}

/**
 * YAML as both versions have it: many programs read 1.1, in which `yes` is true, `010` is eight and
 * `1_000` a number. What this operation calls right is the same in both.
 */
export const yamlFormat: Format = {
  parse: text => checkDocument(parseDocument(text, { intAsBigInt: true })),
  read: text => {
    const older = parseDocument(text, { version: '1.1', intAsBigInt: true })
    return [toValue(yamlFormat.parse(text)), ...(older.errors.length === 0 ? [toValue(older)] : [])]
  },
  whole: document => document.toString({ lineWidth: 0 }),
}

/** JSON, also with comments and commas before a closing bracket. */
export const jsonFormat: Format = {
  parse: text => {
    const bare = text.replace(insignificant, part =>
      part.startsWith('"') ? part : part.replace(/[^\n]/g, ' '),
    )
    checkJson(bare.replace(lastComma, part => (part === ',' ? ' ' : part)))
    return checkDocument(parseDocument(bare, { intAsBigInt: true }))
  },
  read: text => [toValue(jsonFormat.parse(text))],
  whole: null,
}

/**
 * Strings, and what has no meaning between them: comments, and tabs, which the YAML parser refuses.
 */
const insignificant = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\t/g
const lastComma = /"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g

/**
 * Fails if the text is not JSON. The parser's message quotes the text, which may hold secrets: the
 * error names only the position.
 */
const checkJson = (text: string): void => {
  if (text.startsWith('\ufeff'))
    throw new DocumentError(
      'it begins with a byte order mark, which readers of JSON refuse: save it without one',
    )
  try {
    JSON.parse(text)
  } catch (error) {
    const at = /position (\d+)/.exec(String(error))?.[1]
    const above = text.slice(0, Number(at)).split('\n')
    const column = (above.at(-1) ?? '').length + 1
    throw new DocumentError(
      `it is not JSON${at === undefined ? '' : `: line ${above.length}, column ${column}`}`,
    )
  }
}

/** A document as a value. A whole number that a double cannot hold stays a bigint. */
export const toValue = (document: Document): unknown => {
  const round = (value: unknown): unknown => {
    if (typeof value === 'bigint')
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    if (Array.isArray(value)) return value.map(round)
    return isPlainObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, round(inner)]))
      : value
  }
  return round(document.toJS() ?? {})
}

const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value))

const checkDocument = (document: Document): Document => {
  const [error] = document.errors
  if (error) throw new DocumentError(error.message.split('\n')[0]?.replace(/:$/, ''))
  return document
}
