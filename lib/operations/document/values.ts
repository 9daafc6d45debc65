import { isDeepStrictEqual } from 'node:util'
import { Secret } from '../../secret.ts'
import { DocumentError, type Plain } from './document.ts'

/** A value in a file of settings. A Secret is never shown, nor is the value that it replaces. */
export type Value = string | number | boolean | null | Secret | readonly Value[] | Values
export type Values = { readonly [key: string]: Value }

/**
 * The value at a path; undefined if nothing is there. A value in the way that is not a map is an
 * error: it would be lost.
 */
export const getValue = (root: unknown, path: readonly string[]): unknown => {
  let now = root
  for (const [i, key] of path.entries()) {
    if (now === undefined || now === null) return undefined
    if (!isMap(now)) {
      const place = path.slice(0, i).join('.') || 'the document'
      const type = Array.isArray(now) ? 'a list' : 'a value'
      throw new DocumentError(`${place} is ${type}, and a map is wanted`)
    }
    now = Object.hasOwn(now, key) ? now[key] : undefined
  }
  return now
}

/** The same with the value at a path; undefined: without the key. */
export const putValue = (
  root: unknown,
  [key, ...rest]: readonly string[],
  value: Plain | undefined,
): unknown => {
  if (key === undefined) return value
  const map = isMap(root) ? root : {}
  const inner = putValue(map[key], rest, value)
  const { [key]: _, ...others } = map
  return inner === undefined ? others : { ...map, [key]: inner }
}

/** True if nothing is left to do: an empty map asks only that a map exists. */
export const isSame = (is: unknown, plain: Plain | undefined): boolean =>
  isDeepStrictEqual(is, plain) || (isMap(is) && isMap(plain) && Object.keys(plain).length === 0)

/** The value itself, even if it is a Secret: for what is written, never for what is shown. */
export const revealValue = <V extends Value | undefined>(
  value: V,
): Plain | Extract<V, undefined> => {
  if (value instanceof Secret) return value.reveal()
  if (Array.isArray(value)) return value.map(inner => revealValue(inner as Value))
  if (isMap(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, revealValue(inner as Value)]),
    )
  return value as Plain | Extract<V, undefined>
}

/** True if the value is a Secret or holds one. */
export const hasSecret = (value: Value | undefined): boolean =>
  value instanceof Secret ||
  (typeof value === 'object' &&
    value !== null &&
    Object.values(value).some(inner => hasSecret(inner as Value)))

/** As a person reads it; null is absent. */
export const formatValue = (value: unknown): string | null => {
  if (value === undefined) return null
  if (typeof value === 'bigint' || value instanceof Secret) return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}` : inner))
}
/** A map of keys to values. */
export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret)
