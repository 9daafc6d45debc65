/**
 * A service as lines to compare and to show. Docker's defaults have no line, so that a wanted and a
 * running service read the same.
 */
export type ServiceFacts = Readonly<Record<string, string>>

/** How Swarm updates a service, with all defaults filled in. */
export type Update = {
  parallelism: number
  order: string
  monitor: number
  failure: string
  delay: number
  ratio: number
}
export type ResourceLimits = { cpus?: number; memory?: number; pids?: number }
/** When a task is started again; times in nanoseconds. */
export type Restart = { condition?: string; delay?: number; attempts?: number; window?: number }
export type Health = {
  test: readonly string[]
  interval?: number
  timeout?: number
  retries?: number
  start_period?: number
}

/** Drops the lines without a value. */
export const dropAbsent = (lines: Readonly<Record<string, string | undefined>>): ServiceFacts =>
  Object.fromEntries(
    Object.entries(lines).filter((line): line is [string, string] => line[1] !== undefined),
  )

/** Formats a list as one line; an empty one has no line. */
export const formatList = (list: readonly string[] | undefined): string | undefined =>
  list && list.length > 0 ? JSON.stringify(list) : undefined

/** Like formatList, for a list whose order has no meaning. */
export const formatSet = (list: readonly string[] | undefined): string | undefined =>
  formatList(list && [...list].sort())

/** Formats a number of which zero means no limit. */
export const formatNumber = (count: number | undefined): string | undefined =>
  count ? String(count) : undefined

export const prefixKeys = (
  kind: string,
  values: Readonly<Record<string, string>> = {},
): Record<string, string> =>
  buildRecord(Object.entries(values), ([key, value]) => [`${kind} ${key}`, value])

export const buildRecord = <T>(
  items: readonly T[],
  line: (item: T) => readonly [string, string],
): Record<string, string> => Object.fromEntries(items.map(line))

export const formatLogging = (
  driver: string,
  options: Readonly<Record<string, string>> = {},
): string =>
  [
    driver,
    ...Object.entries(options)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
  ].join(' ')

export const formatMounted = (object: string, uid = '0', gid = '0', mode = 0o444): string =>
  [
    object,
    ...(uid === '0' && gid === '0' ? [] : [`${uid}:${gid}`]),
    ...(mode === 0o444 ? [] : [mode.toString(8)]),
  ].join(' ')

export const formatAliases = (aliases: readonly string[], service: string): string => {
  const others = aliases.filter(alias => alias !== service).sort()
  return others.length === 0 ? 'joined' : `joined as ${others.join(' ')}`
}

export const formatSeconds = (ns: number): string => `${ns / 1e9}s`

export const formatHealth = ({ test, interval, timeout, retries, start_period }: Health): string =>
  [
    test.join(' '),
    ...(interval ? [`interval=${formatSeconds(interval)}`] : []),
    ...(timeout ? [`timeout=${formatSeconds(timeout)}`] : []),
    ...(retries ? [`retries=${retries}`] : []),
    ...(start_period ? [`start_period=${formatSeconds(start_period)}`] : []),
  ].join(' ')

export const formatLimits = ({ cpus, memory, pids }: ResourceLimits): string | undefined => {
  const amounts = [
    ...(cpus ? [`cpus=${cpus}`] : []),
    ...(memory ? [`memory=${memory / 1024 ** 2}M`] : []),
    ...(pids ? [`pids=${pids}`] : []),
  ]
  return amounts.length === 0 ? undefined : amounts.join(' ')
}

export const formatRestart = ({
  condition = 'any',
  delay = 5e9,
  attempts = 0,
  window = 0,
}: Restart): string =>
  [
    `${condition} after ${formatSeconds(delay)}`,
    ...(attempts ? [`at most ${attempts} times`] : []),
    ...(window ? [`within ${formatSeconds(window)}`] : []),
  ].join(' ')

export const formatUpdate = ({
  parallelism,
  order,
  monitor,
  failure,
  delay,
  ratio,
}: Update): string =>
  [
    `parallelism=${parallelism}`,
    `order=${order}`,
    `monitor=${formatSeconds(monitor)}`,
    `failure=${failure}`,
    `delay=${formatSeconds(delay)}`,
    ...(ratio ? [`failure_ratio=${ratio}`] : []),
  ].join(' ')

/** A published port, by which no two of a service are alike. */
export const describePort = (
  target: number,
  published: number | undefined,
  protocol: string,
  mode: string,
): readonly [string, string] => [`port ${published ?? 'any'}:${target}/${protocol}`, mode]

/** A variable whose value is this secret of the stack. */
export const describeSecret = (name: string): string => `the secret ${name}`
