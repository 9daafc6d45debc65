import { InputError } from '../errors/input-error.ts'
import { isReservedKey } from './yaml-data.ts'

/** Names that lead from the root of a file to a value in it. */
export type Path = readonly PropertyKey[]

/** What a file says, and where it says it. */
export interface Source {
  readonly data: unknown
  /**
   * `file:line:column` of the value at a path, of its key on request, or of the nearest thing
   * around it.
   */
  place(path: Path, part?: 'key' | 'value'): string
}

/**
 * A source without positions: a computed inventory, the command line. Data that YAML could not
 * hold are an InputError.
 */
export const makeSource = (data: unknown, place: string): Source => {
  refuseOddData(data, place)
  return { data, place: () => place }
}

/** Refuses reserved keys, and data that contain themselves. */
const refuseOddData = (data: unknown, place: string, above: readonly unknown[] = []): void => {
  if (typeof data !== 'object' || data === null) return
  if (above.includes(data) || above.length > 100)
    throw new InputError({ place, message: 'the data contain themselves, or are too deep' })
  for (const [name, value] of Object.entries(data)) {
    if (isReservedKey(name) && !Array.isArray(data))
      throw new InputError({ place, message: `"${name}" cannot be a key` })
    refuseOddData(value, place, [...above, data])
  }
}
