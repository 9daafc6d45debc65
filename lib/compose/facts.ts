import type { Healthcheck, Limits, Mount, Service, UpdateConfig } from './compose.ts'
import type { Objects } from './render.ts'
import { stamped } from './render.ts'
import { bytes, nanoseconds } from './units.ts'

/**
 * A service as lines to compare and to show: what is Docker's default has no line, so both sides
 * name it the same way.
 */
export type Facts = Readonly<Record<string, string>>

/** An update as Swarm carries it out, each value given. */
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

/** The facts of a service that is wanted in a stack. */
export const wantedFacts = (
  stack: string,
  name: string,
  service: Service,
  objects: Objects,
  external: ReadonlySet<string>,
): Facts => {
  const { deploy, ...container } = stamped(service, objects)
  return facts({
    image: container.image,
    entrypoint: words(container.entrypoint),
    command: words(container.command),
    user: container.user,
    working_dir: container.working_dir,
    hostname: container.hostname,
    init: container.init === undefined ? undefined : String(container.init),
    read_only: container.read_only ? 'true' : undefined,
    cap_add: set(container.cap_add?.map(capability)),
    cap_drop: set(container.cap_drop?.map(capability)),
    extra_hosts: set(container.extra_hosts?.map(flipped)),
    dns: words(container.dns),
    logging: container.logging && logging(container.logging.driver, container.logging.options),
    healthcheck: container.healthcheck && health(healthOf(container.healthcheck)),
    stop_grace_period: seconds(nanoseconds(container.stop_grace_period ?? '10s')),
    stop_signal: container.stop_signal,
    replicas: deploy.mode === 'global' ? 'global' : String(deploy.replicas ?? 1),
    endpoint_mode: deploy.endpoint_mode,
    constraints: words(deploy.placement?.constraints),
    limits: limits(amounts(deploy.resources?.limits)),
    reservations: limits(amounts(deploy.resources?.reservations)),
    restart: restart(
      deploy.restart_policy?.condition,
      deploy.restart_policy?.delay && nanoseconds(deploy.restart_policy.delay),
    ),
    update: update(updateOf(deploy.update_config)),
    rollback: update(updateOf(deploy.rollback_config)),
    ...keyed('env', container.environment),
    ...keyed('label', deploy.labels),
    ...keyed('container label', container.labels),
    ...keyed('sysctl', container.sysctls),
    ...each(Object.entries(container.ulimits ?? {}), ([of, { soft, hard }]) => [
      `ulimit ${of}`,
      `${soft}:${hard}`,
    ]),
    ...each(networksOf(service), ([of, aliases]) => [
      `network ${external.has(of) ? of : `${stack}_${of}`}`,
      aliasLine(aliases, name),
    ]),
    ...each(container.ports ?? [], ({ target, published, protocol, mode }) => [
      `port ${target}/${protocol ?? 'tcp'}`,
      `${published} ${mode}`,
    ]),
    ...each(container.volumes ?? [], mount => [`mount ${mount.target}`, mountLine(stack, mount)]),
    ...each(container.configs ?? [], c => [
      `config ${c.target}`,
      mounted(objects.configs[c.source] ?? '', c.uid, c.gid, c.mode),
    ]),
    ...each(container.secrets ?? [], s => [
      `secret ${s.target ?? s.source}`,
      mounted(objects.secrets[s.source] ?? '', s.uid, s.gid, s.mode),
    ]),
  })
}

/** Leaves out what has no value. */
export const facts = (lines: Readonly<Record<string, string | undefined>>): Facts =>
  Object.fromEntries(
    Object.entries(lines).filter((line): line is [string, string] => line[1] !== undefined),
  )

/** A list as one line; an empty one is none. */
export const words = (list: readonly string[] | undefined): string | undefined =>
  list && list.length > 0 ? JSON.stringify(list) : undefined

/** As words, where the order means nothing. */
export const set = (list: readonly string[] | undefined): string | undefined =>
  words(list && [...list].sort())

export const keyed = (
  kind: string,
  values: Readonly<Record<string, string>> = {},
): Record<string, string> =>
  each(Object.entries(values), ([key, value]) => [`${kind} ${key}`, value])

export const each = <T>(
  items: readonly T[],
  line: (item: T) => readonly [string, string],
): Record<string, string> => Object.fromEntries(items.map(line))

export const logging = (driver: string, options: Readonly<Record<string, string>> = {}): string =>
  [
    driver,
    ...Object.entries(options)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
  ].join(' ')

export const mounted = (object: string, uid = '0', gid = '0', mode = 0o444): string =>
  [
    object,
    ...(uid === '0' && gid === '0' ? [] : [`${uid}:${gid}`]),
    ...(mode === 0o444 ? [] : [mode.toString(8)]),
  ].join(' ')

export const aliasLine = (aliases: readonly string[], service: string): string => {
  const others = aliases.filter(alias => alias !== service).sort()
  return others.length === 0 ? 'joined' : `joined as ${others.join(' ')}`
}

export const seconds = (ns: number): string => `${ns / 1e9}s`

export const health = ({ test, interval, timeout, retries, start_period }: Health): string =>
  [
    test.join(' '),
    ...(interval ? [`interval=${seconds(interval)}`] : []),
    ...(timeout ? [`timeout=${seconds(timeout)}`] : []),
    ...(retries ? [`retries=${retries}`] : []),
    ...(start_period ? [`start_period=${seconds(start_period)}`] : []),
  ].join(' ')

export const limits = ({ cpus, memory }: { cpus?: number; memory?: number }): string | undefined =>
  cpus || memory
    ? [
        ...(cpus ? [`cpus=${cpus}`] : []),
        ...(memory ? [`memory=${memory / 1024 ** 2}M`] : []),
      ].join(' ')
    : undefined

export const restart = (condition = 'any', delay: number | '' = 5e9): string =>
  `${condition} after ${seconds(Number(delay))}`

export const update = ({ parallelism, order, monitor, failure, delay }: Update): string =>
  `parallelism=${parallelism} order=${order} monitor=${seconds(monitor)} failure=${failure} delay=${seconds(delay)}`

const updateOf = ({
  parallelism = 1,
  order = 'stop-first',
  monitor = '5s',
  failure_action = 'pause',
  delay = '0s',
}: UpdateConfig = {}): Update => ({
  parallelism,
  order,
  monitor: nanoseconds(monitor),
  failure: failure_action,
  delay: nanoseconds(delay),
})

const healthOf = (check: Healthcheck): Health => {
  if ('disable' in check) return { test: ['NONE'] }
  const { test, interval, timeout, retries, start_period } = check
  return {
    test,
    ...(interval ? { interval: nanoseconds(interval) } : {}),
    ...(timeout ? { timeout: nanoseconds(timeout) } : {}),
    ...(retries ? { retries } : {}),
    ...(start_period ? { start_period: nanoseconds(start_period) } : {}),
  }
}

const amounts = ({ cpus, memory }: Limits = {}): { cpus?: number; memory?: number } => ({
  ...(cpus ? { cpus: Number(cpus) } : {}),
  ...(memory ? { memory: bytes(memory) } : {}),
})

/** The networks of a service and its further names on each. */
export const networksOf = ({
  networks,
}: Service): readonly (readonly [string, readonly string[]])[] =>
  Array.isArray(networks)
    ? networks.map((name: string) => [name, []] as const)
    : Object.entries(networks as Readonly<Record<string, { aliases: readonly string[] }>>).map(
        ([name, { aliases }]) => [name, aliases] as const,
      )

const mountLine = (stack: string, mount: Mount): string =>
  mount.type === 'tmpfs'
    ? 'tmpfs'
    : `${mount.type} ${mount.type === 'volume' ? `${stack}_${mount.source}` : mount.source}${mount.read_only ? ' read-only' : ''}`

const capability = (name: string): string =>
  name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`
const flipped = (host: string): string => {
  const at = host.indexOf(':')
  return `${host.slice(at + 1)} ${host.slice(0, at)}`
}
