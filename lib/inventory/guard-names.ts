import * as z from 'zod'
import type { Shape } from '../settings.ts'
import { isTree, type VarTree } from './layers.ts'
import type { Path } from './source.ts'
import { unwrap } from './zod-shapes.ts'

/**
 * Names that code asks of any value to find out what it is, such as a promise or a date: a map of
 * variables has none of them.
 */
const asked = new Set(['then', 'toJSON', 'href', 'inspect', 'nodeType', 'asymmetricMatch'])

/**
 * Values in which reading a name that is neither set nor optional throws, also in a map below. A
 * typing error would otherwise be `undefined` in a file. `in`, keys and copies are as ever.
 * `shape`:
 * what is declared; below a name without a declaration no name is optional.
 */
export const guardNames = (
  values: VarTree,
  shape: Shape,
  errorOf: (path: Path) => Error,
  at: Path = [],
): VarTree => {
  const refuse = (_: object, name: string | symbol, whole: unknown): unknown => {
    const isAsked = typeof name === 'symbol' || asked.has(name) || name in Object.prototype
    if (isAsked || isOptional(shape, name)) return Reflect.get(Object.prototype, name, whole)
    const below = Object.hasOwn(shape, name) ? getShape(shape, name) : null
    // A map of which nothing is set, and nothing has to be.
    if (below) return guardNames({}, below, errorOf, [...at, name])
    throw errorOf([...at, name])
  }
  // Own names never reach the prototype, so that what is set costs nothing.
  const result: Record<string, unknown> = Object.create(
    new Proxy(Object.prototype, { get: refuse }),
  )
  for (const [name, own] of Object.entries(Object.getOwnPropertyDescriptors(values))) {
    const below = own.get ? null : getShape(shape, name)
    const value: unknown = own.value
    const guarded =
      below && isTree(value)
        ? { ...own, value: guardNames(value, below, errorOf, [...at, name]) }
        : own
    Object.defineProperty(result, name, guarded)
  }
  return result
}

/** True for a declared name that may be unset. */
const isOptional = (shape: Shape, name: string): boolean =>
  Object.hasOwn(shape, name) &&
  ['optional', 'default', 'any', 'unknown'].includes((shape[name] as z.ZodType).def.type)

/** What is declared below a name; null if any name may be asked for there. */
const getShape = (shape: Shape, name: string): Shape | null => {
  if (!Object.hasOwn(shape, name)) return {}
  const type = unwrap(shape[name] as z.ZodType)
  return type instanceof z.ZodObject ? (type.shape as Shape) : null
}
