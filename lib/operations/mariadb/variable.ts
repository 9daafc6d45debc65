/** A global variable as the server returns it, and what the server knows of it. */
export type Variable = {
  /** Its type, such as ENUM. */
  readonly type: string
  readonly value: string
  /** The limits of a number, and what it is a multiple of. */
  readonly min: string
  readonly max: string
  readonly block: string
  /** The flags of a FLAGSET that it has by default. */
  readonly byDefault: string
}
type Value = string | number | boolean

/** Names of things that the server knows by one spelling: `InnoDB`, `utf8mb4`. */
const NAMES =
  /^(?:character_set_\w+|collation_\w+|\w*storage_engine|lc_messages|lc_time_names|time_zone)$/i

/**
 * Whether the server would return the wanted value as it returns this one: words of an enumeration
 * or a set have no case, a set no order, flags that are not named stay, a number is rounded.
 */
export const isSameVariable = (name: string, now: Variable, want: Value): boolean => {
  const [before, after] = [now.value.toLowerCase(), String(want).toLowerCase()]
  if (readSwitch(now.value) !== null && readSwitch(now.value) === readSwitch(want)) return true
  if (now.type === 'ENUM' || NAMES.test(name)) return before === after
  if (now.type === 'DOUBLE') return after.trim() !== '' && Number(before) === Number(after)
  if (now.type === 'SET') return sortWords(before) === sortWords(after)
  if (now.type === 'FLAGSET') return holdsFlags(before, after, now.byDefault.toLowerCase())
  if (isNumber(now.type, after)) return roundDown(after, now.block) === now.value
  return now.value === String(want)
}

/** Why the server would take another number; null if it takes this one. */
export const explainRange = ({ type, min, max }: Variable, want: string): string | null =>
  !isNumber(type, want) ||
  !/^-?\d+$/.test(min) ||
  !/^-?\d+$/.test(max) ||
  (BigInt(want) >= BigInt(min) && BigInt(want) <= BigInt(max))
    ? null
    : `the server would not take ${want}: it takes ${min} to ${max}`

const isNumber = (type: string, value: string): boolean =>
  /^(?:BIG)?INT\b/.test(type) && /^-?\d+$/.test(value)

/** The server rounds max_allowed_packet, for instance, to a multiple of 1024. */
const roundDown = (value: string, block: string): string => {
  const size = /^[1-9]\d*$/.test(block) ? BigInt(block) : 1n
  return String((BigInt(value) / size) * size)
}

/**
 * Whether the flags have the wanted values, by their names; `default` alone means all others.
 */
const holdsFlags = (now: string, want: string, byDefault: string): boolean => {
  const [present, usual, wanted] = [now, byDefault, want].map(readFlags) as [Flags, Flags, Flags]
  const all = wanted.has('default') ? new Map([...usual, ...wanted]) : wanted
  return [...all].every(
    ([flag, value]) =>
      flag === 'default' ||
      present.get(flag) === (value === 'default' ? (usual.get(flag) ?? value) : value),
  )
}

type Flags = ReadonlyMap<string, string | undefined>
const readFlags = (text: string): Flags =>
  new Map(
    splitWords(text).map(word => {
      const [flag = '', value] = word.split('=').map(part => part.trim())
      return [flag, value]
    }),
  )

const sortWords = (list: string): string => [...new Set(splitWords(list))].sort().join(',')
const splitWords = (list: string): string[] => list.split(',').map(word => word.trim())

/** A switch is ON or 1, by the variable: event_scheduler returns words, slow_query_log numbers. */
const readSwitch = (value: Value): boolean | null => {
  if (typeof value !== 'string') return typeof value === 'boolean' ? value : null
  if (/^(?:on|true|1)$/i.test(value)) return true
  return /^(?:off|false|0)$/i.test(value) ? false : null
}
