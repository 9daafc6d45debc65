import * as z from 'zod'
import { InputError } from '../errors/input-error.ts'
import type { Shape } from '../settings.ts'
import { isTree, type VarTree } from './layers.ts'
import type { Path } from './source.ts'

type Def = {
  readonly type: string
  readonly innerType?: z.ZodType
  readonly defaultValue?: unknown
}
const getDefinition = (type: z.ZodType): Def => type.def as unknown as Def

/** The type without its default, and without being optional. */
export const unwrap = (type: z.ZodType): z.ZodType => {
  const { innerType } = getDefinition(type)
  return innerType === undefined ? type : unwrap(innerType)
}

const getShape = (type: z.ZodType): Shape | null => {
  const inner = unwrap(type)
  return inner instanceof z.ZodObject ? (inner.shape as Shape) : null
}

/** One shape of several: maps of the same name are joined. Throws if a name has two types. */
export const joinShapes = (shapes: readonly Shape[]): Shape => {
  const joined: Record<string, z.ZodType> = {}
  for (const [name, type] of shapes.flatMap(shape => Object.entries(shape))) {
    const before = joined[name]
    joined[name] = before === undefined ? type : joinTypes(name, before, type)
  }
  return joined
}

/** The type of a setting that two roles declare: one type, or the keys of both maps. */
const joinTypes = (name: string, before: z.ZodType, type: z.ZodType): z.ZodType => {
  if (unwrap(before) === unwrap(type)) return getDefinition(type).type === 'default' ? type : before
  const [one, other] = [getShape(before), getShape(type)]
  if (one && other) return z.strictObject(joinShapes([one, other]))
  throw new InputError({
    place: 'settings.ts',
    message: `two roles declare the setting "${name}", as different types`,
  })
}

/** The same type with every key optional, at any depth: a level of hosts.yaml sets some of them. */
export const loosen = (type: z.ZodType): z.ZodType => {
  const shape = getShape(type)
  return shape ? z.strictObject(loosenShape(shape)) : unwrap(type)
}
export const loosenShape = (shape: Shape): Record<string, z.ZodType> =>
  Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, loosen(type).optional()]))

/** The defaults of a shape. A map without any is left out. */
export const collectDefaults = (shape: Shape): VarTree =>
  Object.fromEntries(
    Object.entries(shape).flatMap(([name, type]): [string, unknown][] => {
      const def = getDefinition(type)
      if (def.type === 'default') return [[name, def.defaultValue]]
      const inner = def.type === 'optional' ? null : getShape(type)
      const values = inner ? collectDefaults(inner) : {}
      return Object.keys(values).length > 0 ? [[name, values]] : []
    }),
  )

/** The paths of what a shape requires and the values lack. */
export const findMissingPaths = (shape: Shape, values: VarTree, at: Path = []): Path[] =>
  Object.entries(shape).flatMap(([name, type]): Path[] => {
    const { type: kind } = getDefinition(type)
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (kind === 'optional' || (kind === 'default' && value === undefined)) return []
    const inner = getShape(type)
    if (inner && (value === undefined || isTree(value)))
      return findMissingPaths(inner, value ?? {}, [...at, name])
    return value === undefined ? [[...at, name]] : []
  })

/**
 * Values in which reading something that is missing throws: a setting that is required is never
 * undefined.
 */
export const guardMissing = (
  values: VarTree,
  missing: readonly Path[],
  errorOf: (path: Path) => Error,
  at: Path = [],
): VarTree => {
  const result: Record<PropertyKey, unknown> = { ...values }
  for (const name of new Set(missing.map(path => path[at.length]!))) {
    const below = missing.filter(path => path[at.length] === name)
    const path = [...at, name]
    if (below.some(({ length }) => length === path.length))
      Object.defineProperty(result, name, {
        get: () => {
          throw errorOf(path)
        },
      })
    else result[name] = guardMissing((result[name] ?? {}) as VarTree, below, errorOf, path)
  }
  return result
}
