import { Deferred } from '../deferred.ts'
import { Secret } from '../secret.ts'
import { Sh } from '../sh.ts'
import { textForms } from './text-forms.ts'
import type { KnownValues, ListType, OptionsType, ValueType } from './value-type.ts'

/** True for an operation, or what takes its place. */
export const isOperationValue = (
  value: unknown,
): value is { readonly id: string; readonly paths?: unknown } =>
  typeof value === 'object' && value !== null && 'decide' in value && 'probe' in value

/** Describes a value as a person would: never the text of a secret, nor of what may be one. */
export const describeGiven = (value: unknown, hidden = false): string => {
  if (value instanceof Secret) return String(value)
  if (hidden && typeof value === 'string') return 'a text'
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'number')
    return hidden && Number.isFinite(value) ? 'a number' : String(value)
  if (typeof value === 'bigint') return 'a BigInt'
  if (typeof value !== 'object' || value === null)
    return typeof value === 'function' || typeof value === 'symbol'
      ? `a ${typeof value}`
      : String(value)
  return describeObject(value)
}

const describeObject = (value: object): string => {
  if (value instanceof Promise) return 'a promise'
  if (value instanceof Sh) return 'a fragment of sh'
  if (value instanceof Deferred) return `a value that another host provides (${value.name})`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : 'a date'
  if (Buffer.isBuffer(value)) return 'a Buffer'
  if (value instanceof URL) return `the URL ${value.protocol}//…`
  if (isOperationValue(value)) return `the operation ${value.id}`
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  const name = value.constructor?.name ?? 'Object'
  return name === 'Object' ? 'an object' : `an object of the class ${name}`
}

const plain: Readonly<Record<string, string>> = {
  any: 'any value',
  text: 'text',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  function: 'a function',
  operation: 'an operation',
  'operation with paths': 'an operation that owns files, such as file or systemd.unit',
  Secret: "a Secret (await run.secret('NAME'))",
  Sh: 'a fragment of sh (sh`…`)',
  Deferred: 'a Deferred, which one host provides',
  Buffer: 'a Buffer',
  Date: 'a Date',
  RegExp: 'a regular expression',
  URL: "a file on this machine (new URL('./NAME', import.meta.url))",
}

type Types = KnownValues['types']

/** Describes what a value may be; the parts of its parts are left out. */
export const describeValueType = (type: ValueType, types: Types, depth = 0): string => {
  if (typeof type === 'string') return plain[type] ?? type
  if ('type' in type) return describeValueType(types[type.type] ?? 'any', types, depth)
  if ('is' in type)
    return type.is.length === 1 ? JSON.stringify(type.is[0]) : `one of ${type.is.join(', ')}`
  if ('number' in type) return describeRange(type.number, type.fraction === true)
  if ('form' in type) return textForms[type.form]?.says ?? 'text'
  if ('like' in type) return describeLike([type.like])
  if ('list' in type) return depth > 1 ? 'a list' : describeList(type, types, depth + 1)
  if ('map' in type)
    return depth > 1
      ? 'an object'
      : `an object with ${describeValueType(type.map, types, depth + 1)} under each name`
  if ('options' in type) return `an object with ${listNames([type]).join(', ')}`
  return describeEither(type.either, types, depth)
}

const describeLike = (all: readonly string[]): string =>
  all.length === 1 && all[0] === '/…'
    ? 'an absolute path, such as /etc/motd'
    : `text like ${joinWords(all)}`

const listNames = (types: readonly OptionsType[]): readonly string[] => [
  ...new Set(types.flatMap(({ options }) => Object.keys(options).map(key => key.replace('?', '')))),
]

/** The members of a union; its texts together, and the forms of its options too. */
const describeEither = (all: readonly ValueType[], types: Types, depth: number): string => {
  const likes = all.flatMap(one => (typeof one === 'object' && 'like' in one ? [one.like] : []))
  const forms = all.filter((one): one is OptionsType => typeof one === 'object' && 'options' in one)
  const others = all.filter(one => typeof one !== 'object' || !('like' in one || 'options' in one))
  return joinWords([
    ...new Set(others.map(one => describeValueType(one, types, depth))),
    ...(likes.length > 0 ? [describeLike(likes)] : []),
    ...(forms.length > 0 ? [`an object with ${listNames(forms).join(', ')}`] : []),
  ])
}

const joinWords = (all: readonly string[]): string =>
  [all.slice(0, -1).join(', '), all.at(-1)].filter(Boolean).join(' or ')

const describeList = (type: ListType, types: Types, depth: number): string => {
  const least = type.least ? `${type.least} or more: ` : ''
  return type.list === 'text'
    ? `a list of ${least}texts`
    : `a list, each entry ${least}${describeValueType(type.list, types, depth)}`
}

const describeRange = ([from, to]: readonly (number | null)[], fraction: boolean): string => {
  const noun = fraction ? 'a number' : 'a whole number'
  if (from === null || from === undefined) return noun
  return to === null || to === undefined ? `${noun}, ${from} or more` : `${noun}, ${from} to ${to}`
}
