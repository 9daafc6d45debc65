import type { KnownValues, OptionsType, ValueType } from '../../../lib/operation/value-type.ts'

type Types = KnownValues['types']

const plain: Readonly<Record<string, string>> = {
  any: "'x'",
  text: "'x'",
  number: '1',
  boolean: 'true',
  null: 'null',
  function: 'shell',
  operation: 'made',
  'operation with paths': 'made',
  Secret: 'secret',
  Sh: 'sh`true`',
  Deferred: 'deferred',
  Buffer: "Buffer.from('x')",
  Date: 'new Date(0)',
  RegExp: '/x/',
  URL: 'new URL(import.meta.url)',
}

/** The source of a value that the type allows. */
export const writeRight = (type: ValueType, types: Types): string => {
  if (typeof type === 'string') return plain[type] ?? "'x'"
  if ('type' in type) return writeRight(types[type.type] ?? 'any', types)
  if ('is' in type) return JSON.stringify(type.is[0])
  if ('number' in type) return String(type.number[0] ?? 1)
  if ('form' in type) return type.form === 'mode' ? "'644'" : "'x'"
  if ('like' in type) return JSON.stringify(type.like.replaceAll('…', 'x'))
  if ('list' in type) return writeList(type, types)
  if ('map' in type) return '{}'
  return 'options' in type
    ? writeOptions(writeRequired(type, types))
    : writeRight(type.either[0] ?? 'any', types)
}

const writeList = (
  { list, first = [], least = 0 }: Extract<ValueType, { list: unknown }>,
  types: Types,
): string =>
  `[${Array.from({ length: least }, (_, i) => writeRight(first[i] ?? list, types)).join(', ')}]`

/** The sources of the options that a form requires, by their names. */
export const writeRequired = (form: OptionsType, types: Types): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(form.options).flatMap(([name, type]) =>
      name.endsWith('?') ? [] : [[name, writeRight(type, types)]],
    ),
  )

/** The source of options. */
export const writeOptions = (options: Readonly<Record<string, string>>): string =>
  `{ ${Object.entries(options)
    .map(([name, value]) => `${JSON.stringify(name)}: ${value}`)
    .join(', ')} }`

/** The forms of options that a type has. */
export const listForms = (type: ValueType, types: Types): readonly OptionsType[] => {
  if (typeof type === 'string') return []
  if ('type' in type) return listForms(types[type.type] ?? 'any', types)
  if ('either' in type) return type.either.flatMap(one => listForms(one, types))
  return 'options' in type ? [type] : []
}
