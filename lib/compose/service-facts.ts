import type { ComposeMount, ComposeService, Healthcheck, Limits, UpdateConfig } from './compose.ts'
import type { StackObjects } from './render.ts'
import { stampService } from './render.ts'
import { parseBytes, parseNanoseconds } from './units.ts'

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
}
export type Health = {
  test: readonly string[]
  interval?: number
  timeout?: number
  retries?: number
  start_period?: number
}

/** Describes a wanted service of a stack. */
export const describeService = (
  stack: string,
  name: string,
  service: ComposeService,
  objects: StackObjects,
  external: ReadonlySet<string>,
): ServiceFacts => {
  const { deploy, ...container } = stampService(service, objects)
  return dropAbsent({
    image: container.image,
    entrypoint: formatList(container.entrypoint),
    command: formatList(container.command),
    user: container.user,
    working_dir: container.working_dir,
    hostname: container.hostname,
    init: container.init === undefined ? undefined : String(container.init),
    read_only: container.read_only ? 'true' : undefined,
    cap_add: formatSet(container.cap_add?.map(normalizeCapability)),
    cap_drop: formatSet(container.cap_drop?.map(normalizeCapability)),
    extra_hosts: formatSet(container.extra_hosts?.map(flipHost)),
    dns: formatList(container.dns),
    logging:
      container.logging && formatLogging(container.logging.driver, container.logging.options),
    healthcheck: container.healthcheck && formatHealth(readHealth(container.healthcheck)),
    stop_grace_period: formatSeconds(parseNanoseconds(container.stop_grace_period ?? '10s')),
    stop_signal: container.stop_signal,
    replicas: deploy.mode === 'global' ? 'global' : String(deploy.replicas ?? 1),
    endpoint_mode: deploy.endpoint_mode,
    constraints: formatList(deploy.placement?.constraints),
    limits: formatLimits(readAmounts(deploy.resources?.limits)),
    reservations: formatLimits(readAmounts(deploy.resources?.reservations)),
    restart: formatRestart(
      deploy.restart_policy?.condition,
      deploy.restart_policy?.delay && parseNanoseconds(deploy.restart_policy.delay),
    ),
    update: formatUpdate(readUpdate(deploy.update_config)),
    rollback: formatUpdate(readUpdate(deploy.rollback_config)),
    ...prefixKeys('env', container.environment),
    ...prefixKeys('label', deploy.labels),
    ...prefixKeys('container label', container.labels),
    ...prefixKeys('sysctl', container.sysctls),
    ...buildRecord(Object.entries(container.ulimits ?? {}), ([of, { soft, hard }]) => [
      `ulimit ${of}`,
      `${soft}:${hard}`,
    ]),
    ...buildRecord(listNetworks(service), ([of, aliases]) => [
      `network ${external.has(of) ? of : `${stack}_${of}`}`,
      formatAliases(aliases, name),
    ]),
    ...buildRecord(container.ports ?? [], ({ target, published, protocol, mode }) => [
      `port ${target}/${protocol ?? 'tcp'}`,
      `${published} ${mode}`,
    ]),
    ...buildRecord(container.volumes ?? [], mount => [
      `mount ${mount.target}`,
      formatMount(stack, mount),
    ]),
    ...buildRecord(container.configs ?? [], c => [
      `config ${c.target}`,
      formatMounted(objects.configs[c.source] ?? '', c.uid, c.gid, c.mode),
    ]),
    ...buildRecord(container.secrets ?? [], s => [
      `secret ${s.target ?? s.source}`,
      formatMounted(objects.secrets[s.source] ?? '', s.uid, s.gid, s.mode),
    ]),
  })
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

export const formatLimits = ({
  cpus,
  memory,
}: {
  cpus?: number
  memory?: number
}): string | undefined =>
  cpus || memory
    ? [
        ...(cpus ? [`cpus=${cpus}`] : []),
        ...(memory ? [`memory=${memory / 1024 ** 2}M`] : []),
      ].join(' ')
    : undefined

export const formatRestart = (condition = 'any', delay: number | '' = 5e9): string =>
  `${condition} after ${formatSeconds(Number(delay))}`

export const formatUpdate = ({ parallelism, order, monitor, failure, delay }: Update): string =>
  [
    `parallelism=${parallelism}`,
    `order=${order}`,
    `monitor=${formatSeconds(monitor)}`,
    `failure=${failure}`,
    `delay=${formatSeconds(delay)}`,
  ].join(' ')

const readUpdate = ({
  parallelism = 1,
  order = 'stop-first',
  monitor = '5s',
  failure_action = 'pause',
  delay = '0s',
}: UpdateConfig = {}): Update => ({
  parallelism,
  order,
  monitor: parseNanoseconds(monitor),
  failure: failure_action,
  delay: parseNanoseconds(delay),
})

const readHealth = (check: Healthcheck): Health => {
  if ('disable' in check) return { test: ['NONE'] }
  const { test, interval, timeout, retries, start_period } = check
  return {
    test,
    ...(interval ? { interval: parseNanoseconds(interval) } : {}),
    ...(timeout ? { timeout: parseNanoseconds(timeout) } : {}),
    ...(retries ? { retries } : {}),
    ...(start_period ? { start_period: parseNanoseconds(start_period) } : {}),
  }
}

const readAmounts = ({ cpus, memory }: Limits = {}): { cpus?: number; memory?: number } => ({
  ...(cpus ? { cpus: Number(cpus) } : {}),
  ...(memory ? { memory: parseBytes(memory) } : {}),
})

/** The networks of a service and its further names on each. */
export const listNetworks = ({
  networks,
}: ComposeService): readonly (readonly [string, readonly string[]])[] =>
  Array.isArray(networks)
    ? networks.map((name: string) => [name, []] as const)
    : Object.entries(networks as Readonly<Record<string, { aliases: readonly string[] }>>).map(
        ([name, { aliases }]) => [name, aliases] as const,
      )

const formatMount = (stack: string, mount: ComposeMount): string =>
  mount.type === 'tmpfs'
    ? 'tmpfs'
    : [
        mount.type,
        mount.type === 'volume' ? `${stack}_${mount.source}` : mount.source,
        ...(mount.read_only ? ['read-only'] : []),
      ].join(' ')

const normalizeCapability = (name: string): string =>
  name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`
const flipHost = (host: string): string => {
  const at = host.indexOf(':')
  return `${host.slice(at + 1)} ${host.slice(0, at)}`
}
