import type {
  ComposeMount,
  ComposeService,
  Deploy,
  Healthcheck,
  Limits,
  UpdateConfig,
} from './compose.ts'
import {
  buildRecord,
  describePort,
  describeSecret,
  dropAbsent,
  formatAliases,
  formatHealth,
  formatLimits,
  formatList,
  formatLogging,
  formatMounted,
  formatNumber,
  formatRestart,
  formatSeconds,
  formatSet,
  formatUpdate,
  type Health,
  prefixKeys,
  type ResourceLimits,
  type Restart,
  type ServiceFacts,
  type Update,
} from './fact-lines.ts'
import type { StackObjects } from './render.ts'
import { stampService } from './render.ts'
import { parseBytes, parseNanoseconds } from './units.ts'

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
    preferences: formatList(deploy.placement?.preferences?.map(({ spread }) => `spread ${spread}`)),
    max_replicas_per_node: formatNumber(deploy.placement?.max_replicas_per_node),
    limits: formatLimits(readAmounts(deploy.resources?.limits)),
    reservations: formatLimits(readAmounts(deploy.resources?.reservations)),
    restart: formatRestart(readRestart(deploy.restart_policy)),
    update: formatUpdate(readUpdate(deploy.update_config)),
    rollback: formatUpdate(readUpdate(deploy.rollback_config)),
    ...prefixKeys('env', container.environment),
    ...buildRecord(Object.entries(container.secretEnvironment ?? {}), ([key, name]) => [
      `env ${key}`,
      describeSecret(name),
    ]),
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
    ...buildRecord(container.ports ?? [], ({ target, published, protocol = 'tcp', mode }) =>
      describePort(target, published, protocol, mode),
    ),
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

const readUpdate = ({
  parallelism = 1,
  order = 'stop-first',
  monitor = '5s',
  failure_action = 'pause',
  delay = '0s',
  max_failure_ratio = 0,
}: UpdateConfig = {}): Update => ({
  parallelism,
  order,
  monitor: parseNanoseconds(monitor),
  failure: failure_action,
  delay: parseNanoseconds(delay),
  ratio: max_failure_ratio,
})

const readRestart = ({
  condition,
  delay,
  max_attempts,
  window,
}: NonNullable<Deploy['restart_policy']> = {}): Restart => ({
  ...(condition === undefined ? {} : { condition }),
  ...(delay === undefined ? {} : { delay: parseNanoseconds(delay) }),
  ...(max_attempts === undefined ? {} : { attempts: max_attempts }),
  ...(window === undefined ? {} : { window: parseNanoseconds(window) }),
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

const readAmounts = ({ cpus, memory, pids }: Limits = {}): ResourceLimits => ({
  ...(cpus ? { cpus: Number(cpus) } : {}),
  ...(memory ? { memory: parseBytes(memory) } : {}),
  ...(pids ? { pids } : {}),
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
