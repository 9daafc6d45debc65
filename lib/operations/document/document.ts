import { type Document, parseDocument, stringify } from 'yaml'

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
  /** Writes the whole document anew and keeps comments; null for a format without a writer. */
  readonly whole: ((document: Document) => string) | null
}

/** YAML 1.2, quoted so that a reader of YAML 1.1 also reads a text as a text. */
export const yamlFormat: Format = {
  parse: text => checkDocument(parseDocument(text, { compat: 'yaml-1.1' })),
  whole: document => document.toString({ lineWidth: 0 }),
}

/** JSON, also with comments and commas before a closing bracket. */
export const jsonFormat: Format = {
  parse: text => {
    const bare = text.replace(insignificant, part =>
      part.startsWith('"') ? part : part.replace(/[^\n]/g, ' '),
    )
    checkJson(bare.replace(lastComma, part => (part === ',' ? ' ' : part)))
    return checkDocument(parseDocument(bare))
  },
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

const checkDocument = (document: Document): Document => {
  const [error] = document.errors
  if (error) throw new DocumentError(error.message.split('\n')[0]?.replace(/:$/, ''))
  return document
}

/** `key: value` as lines of a block. */
export const renderBlock = (key: string, value: Plain): string =>
  stringify({ [key]: value }, { lineWidth: 0, compat: 'yaml-1.1' }).trimEnd()

/**
 * A value in one line that YAML and JSON both read. A text in YAML keeps the kind of quotes that
 * the old value had.
 */
export const renderInline = (value: Plain, before: string): string => {
  if (typeof value !== 'string' || before.startsWith('"') || /[\n\r]/.test(value))
    return JSON.stringify(value)
  if (before.startsWith("'")) return `'${value.replaceAll("'", "''")}'`
  return stringify(value, { lineWidth: 0, compat: 'yaml-1.1', defaultKeyType: 'PLAIN' }).trimEnd()
}
