import type * as z from 'zod'

/** What a schema says about itself. */
export type SchemaDefinition = {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly innerType?: z.ZodType
  readonly valueType?: z.ZodType
  readonly element?: z.ZodType
  readonly entries?: Readonly<Record<string, string>>
  readonly defaultValue?: unknown
}
/** Reads what a schema says about itself. */
export const getDefinition = (schema: z.ZodType): SchemaDefinition =>
  schema.def as unknown as SchemaDefinition

/** Describes the type of a value in plain words. */
export const describeType = (schema: z.ZodType): string => {
  const { type, innerType, element, valueType, entries } = getDefinition(schema)
  if (innerType) return describeType(innerType)
  if (element) return `list of ${describeMany(element)}`
  if (valueType) return `map of ${describeMany(valueType)}`
  if (entries) return `one of ${Object.values(entries).map(quote).join(', ')}`
  if (type === 'string') return 'text'
  if (type === 'number') return describeNumber(schema as z.ZodNumber)
  return type === 'boolean' ? '`true` or `false`' : 'any value'
}

/** Describes the types of the values in a list or a map. */
const describeMany = (schema: z.ZodType): string => {
  const one = describeType(schema)
  const [noun = ''] = /^(?:text|whole number|number|list|map|any value)/.exec(one) ?? []
  return noun ? `${noun}s${one.slice(noun.length)}` : `values, each ${one}`
}

const quote = (word: string): string => `\`${word}\``

const describeNumber = ({ minValue, maxValue, format }: z.ZodNumber): string => {
  const [min = null, max = null] = [minValue, maxValue].map(value =>
    Math.abs(value ?? Infinity) >= Number.MAX_SAFE_INTEGER ? null : value,
  )
  const noun = format === 'safeint' ? 'whole number' : 'number'
  if (min === null) return max === null ? noun : `${noun}, up to ${max}`
  return max === null ? `${noun}, ${min} or more` : `${noun}, ${min} to ${max}`
}

/** Formats a default. Empty lists and maps are `none`. */
export const formatValue = (value: unknown): string => {
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return 'none'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
