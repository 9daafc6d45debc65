import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { Eta } from 'eta/core'
import { InputError } from '../../errors/input-error.ts'
import { formatSuggestion } from '../../errors/suggest.ts'
import { Secret } from '../../secret.ts'
import { readSource } from '../file/source.ts'
import { findStandIn, hideReturns, restoreReturns } from './returns.ts'

/** What a template may use, by name. */
export type Data = Readonly<Record<string, unknown>>

/**
 * The text of a template with its values in it; a Secret if one of the values is. A mistake is an
 * InputError that names file and line.
 */
export const renderTemplate = (source: URL, data: Data): string | Secret => {
  const path = fileURLToPath(source)
  const secrets: Secret[] = []
  const written = readText(source, path)
  const standIn = findStandIn(written)
  const eta = new Eta({
    plugins: [restoreReturns(standIn)],
    debug: true,
    autoEscape: false,
    autoFilter: true,
    autoTrim: false,
    filterFunction: value => writeValue(value, secrets),
  })
  const fail = (line: number | string, message: string): never => {
    throw new InputError({ place: `${path}:${line}`, message })
  }
  eta.RuntimeErr = (error, _, line) => fail(line, error.message)
  const text = hideReturns(trimLoneTags(written), standIn)
  const template = compileTemplate(eta, text, fail)
  const result = eta.render(template, guardNames(data, 'it'))
  return secrets.length === 0
    ? result
    : new Secret(result, [...new Set(secrets.map(({ name }) => name))].join(', '))
}

/** The text of a file of the controller. Bytes that are not UTF-8 would be lost in it. */
const readText = (source: URL, path: string): string => {
  const bytes = readSource(source)
  const text = bytes.toString()
  if (!Buffer.from(text).equals(bytes))
    throw new InputError({
      place: path,
      message: 'it is not UTF-8 text',
      next: 'convert it, or send it as it is: file({ path, source })',
    })
  return text
}

/** A tag of code that is alone on its line removes the whole line. */
const trimLoneTags = (text: string): string =>
  text.replace(/^[ \t]*(<%(?![=~])(?:(?!%>|<%)[\s\S])*?)(?<!_)-?%>[ \t]*(?=\r?\n)/gm, '$1-%>')

const compileTemplate = (
  eta: Eta,
  text: string,
  fail: (line: number | string, message: string) => never,
) => {
  try {
    const code = eta.compileToString(text)
    const wrong = findSyntaxError(code)
    if (wrong) fail(wrong.line, wrong.message)
    return eta.compile(text)
  } catch (error) {
    if (error instanceof InputError) throw error
    const [, message = String(error), line = '1'] =
      /^(.*?) at line (\d+)/.exec(error instanceof Error ? error.message : '') ?? []
    return fail(line, message)
  }
}

/**
 * What is wrong with the code of the tags, and the line of the template that it came from: the last
 * one noted before it.
 */
const findSyntaxError = (
  code: string,
): { readonly line: string; readonly message: string } | null => {
  try {
    new Script(`(function (it, options) {${code}})`, { filename: 'template' })
    return null
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const at = Number(/^template:(\d+)/.exec(error.stack ?? '')?.[1] ?? 0)
    const before = code.split('\n').slice(0, at).join('\n')
    return {
      line: [...before.matchAll(/^__eta\.line=(\d+)$/gm)].at(-1)?.[1] ?? '1',
      message: error.message,
    }
  }
}

/**
 * A value as text. A value that would become `undefined` or `[object Object]` is an error.
 */
const writeValue = (value: unknown, secrets: Secret[]): string => {
  if (value instanceof Secret) {
    secrets.push(value)
    return value.reveal()
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  const what = value === null || value === undefined ? value : `a value of the type ${typeof value}`
  throw new InputError({ message: `${what} cannot be written: a text or a number is expected` })
}

/** The same data, in which an unknown name is an error instead of undefined. */
const guardNames = <T>(data: T, name: string): T => {
  if (
    typeof data !== 'object' ||
    data === null ||
    data instanceof Secret ||
    ![Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(data))
  )
    return data
  return new Proxy(data, {
    get: (target, key) => {
      if (typeof key === 'string' && !(key in target))
        throw new InputError({
          message: `there is no ${name}.${key}${formatSuggestion(key, Object.keys(target))}`,
        })
      return guardNames(Reflect.get(target, key), typeof key === 'string' ? `${name}.${key}` : name)
    },
  })
}
