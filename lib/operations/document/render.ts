import { Document, type Node, Scalar, visit } from 'yaml'
import type { Plain } from './document.ts'

/** `key: value` as lines of a block of YAML. */
export const renderBlock = (key: string, value: Plain): string => renderYaml({ [key]: value })

/**
 * A value in one line that YAML and JSON both read. A text in YAML keeps the kind of quotes that
 * the old value had.
 */
export const renderInline = (value: Plain, before: string): string => {
  if (typeof value === 'number') return renderNumber(value)
  if (typeof value !== 'string' || before.startsWith('"') || !isPrintable(value))
    return JSON.stringify(value)
  if (before.startsWith("'")) return `'${value.replaceAll("'", "''")}'`
  return renderYaml(value)
}

/** A value as a node of a document. */
export const makeNode = (document: Document, value: Plain): Node => {
  const node = document.createNode(value) as Node
  visit(node, { Scalar: (_, scalar) => quoteUnsafe(scalar) })
  return node
}

const renderYaml = (value: Plain): string => {
  const numbers: string[] = []
  const document = new Document(value, { compat: 'yaml-1.1' })
  visit(document, {
    Scalar: (_, scalar) => {
      quoteUnsafe(scalar)
      if (typeof scalar.value !== 'number' || !/e/.test(String(scalar.value))) return
      const stand = `number${numbers.length}-${Math.random()}`
      numbers.push(renderNumber(scalar.value))
      scalar.value = stand
      scalar.type = Scalar.PLAIN
    },
  })
  return document
    .toString({ lineWidth: 0 })
    .trimEnd()
    .replace(/number(\d+)-0\.\d+(e-\d+)?/g, (text, n: string) => numbers[Number(n)] ?? text)
}

/** Readers of YAML 1.1 take `1e-7` for a text. */
const renderNumber = (value: number): string => JSON.stringify(value).replace(/^(-?\d+)e/, '$1.0e')

/**
 * Quotes a text unless it begins with a letter, an underscore or a slash: what begins otherwise is
 * a number, a time or a special value to some reader of YAML.
 */
const quoteUnsafe = (scalar: Scalar): void => {
  const { value } = scalar
  if (typeof value !== 'string') return
  const hasLines = value.includes('\n') && isPrintable(value.replaceAll('\n', ''))
  if (!hasLines && (!/^[\p{L}_/]/u.test(value) || !isPrintable(value)))
    scalar.type = Scalar.QUOTE_DOUBLE
}

const isPrintable = (text: string): boolean =>
  !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/.test(text)
