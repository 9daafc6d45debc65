import {
  buildRecord,
  describePort,
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
} from '../../compose/fact-lines.ts'
import { listOtherFields } from './other-fields.ts'

/** A service of Docker's API: the fields that are read. */
export type ApiService = {
  ID: string
  Version: { Index: number }
  Spec: ApiSpec
  PreviousSpec?: ApiSpec
  UpdateStatus?: { State?: string; Message?: string }
  ServiceStatus?: { RunningTasks: number; DesiredTasks: number }
}
export type ApiSpec = {
  Name: string
  Labels?: Record<string, string>
  TaskTemplate: {
    ContainerSpec: ApiContainer
    Resources?: { Limits?: ApiLimits; Reservations?: ApiLimits }
    RestartPolicy?: { Condition?: string; Delay?: number; MaxAttempts?: number; Window?: number }
    Placement?: {
      Constraints?: string[]
      Preferences?: { Spread?: { SpreadDescriptor: string } }[]
      MaxReplicas?: number
    }
    Networks?: { Target: string; Aliases?: string[] }[]
    LogDriver?: { Name: string; Options?: Record<string, string> }
  }
  Mode: { Replicated?: { Replicas: number }; Global?: object }
  UpdateConfig?: ApiUpdate
  RollbackConfig?: ApiUpdate
  EndpointSpec?: {
    Mode?: string
    Ports?: { Protocol: string; TargetPort: number; PublishedPort?: number; PublishMode: string }[]
  }
}
type ApiLimits = { NanoCPUs?: number; MemoryBytes?: number; Pids?: number }
type ApiUpdate = {
  Parallelism?: number
  FailureAction?: string
  Monitor?: number
  Order?: string
  Delay?: number
  MaxFailureRatio?: number
}
type ApiFile = { File?: { Name: string; UID: string; GID: string; Mode: number } }
export type ApiContainer = {
  Image: string
  Labels?: Record<string, string>
  Command?: string[]
  Args?: string[]
  Env?: string[]
  User?: string
  Dir?: string
  Hostname?: string
  Init?: boolean
  ReadOnly?: boolean
  StopGracePeriod?: number
  StopSignal?: string
  Mounts?: { Type: string; Source?: string; Target: string; ReadOnly?: boolean }[]
  Healthcheck?: {
    Test?: string[]
    Interval?: number
    Timeout?: number
    Retries?: number
    StartPeriod?: number
  }
  Hosts?: string[]
  DNSConfig?: { Nameservers?: string[] }
  Secrets?: (ApiFile & { SecretName: string })[]
  Configs?: (ApiFile & { ConfigName: string })[]
  Sysctls?: Record<string, string>
  CapabilityAdd?: string[]
  CapabilityDrop?: string[]
  Ulimits?: { Name: string; Hard: number; Soft: number }[]
}

/**
 * Lists the facts of a running service, named as those of a wanted one; `networks` are names by id.
 * The stack's labels are left out.
 */
export const listRunningFacts = (
  name: string,
  spec: ApiSpec,
  networks: ReadonlyMap<string, string>,
): ServiceFacts => {
  const {
    ContainerSpec: container,
    Resources,
    RestartPolicy,
    Placement,
    Networks,
    LogDriver,
  } = spec.TaskTemplate
  return dropAbsent({
    image: container.Image,
    entrypoint: formatList(container.Command),
    command: formatList(container.Args),
    user: container.User || undefined,
    working_dir: container.Dir || undefined,
    hostname: container.Hostname || undefined,
    init: container.Init === undefined ? undefined : String(container.Init),
    read_only: container.ReadOnly ? 'true' : undefined,
    cap_add: formatSet(container.CapabilityAdd),
    cap_drop: formatSet(container.CapabilityDrop),
    extra_hosts: formatSet(container.Hosts),
    dns: formatList(container.DNSConfig?.Nameservers),
    logging: LogDriver && formatLogging(LogDriver.Name, LogDriver.Options),
    healthcheck: container.Healthcheck?.Test && formatHealth(readHealth(container.Healthcheck)),
    stop_grace_period: formatSeconds(container.StopGracePeriod ?? 10e9),
    stop_signal: container.StopSignal || undefined,
    replicas: spec.Mode.Global ? 'global' : String(spec.Mode.Replicated?.Replicas ?? 1),
    endpoint_mode: spec.EndpointSpec?.Mode ?? 'vip',
    constraints: formatList(Placement?.Constraints),
    preferences: formatList(
      Placement?.Preferences?.map(({ Spread }) => `spread ${Spread?.SpreadDescriptor}`),
    ),
    max_replicas_per_node: formatNumber(Placement?.MaxReplicas),
    limits: formatLimits(readLimits(Resources?.Limits)),
    reservations: formatLimits(readLimits(Resources?.Reservations)),
    restart: formatRestart(readRestart(RestartPolicy)),
    update: formatUpdate(readUpdate(spec.UpdateConfig)),
    rollback: formatUpdate(readUpdate(spec.RollbackConfig)),
    ...buildRecord(container.Env ?? [], line => [
      `env ${line.split('=', 1)[0]}`,
      line.slice(line.indexOf('=') + 1),
    ]),
    ...prefixKeys('label', dropStackLabels(spec.Labels)),
    ...prefixKeys('container label', dropStackLabels(container.Labels)),
    ...prefixKeys('sysctl', container.Sysctls),
    ...buildRecord(container.Ulimits ?? [], ({ Name, Soft, Hard }) => [
      `ulimit ${Name}`,
      `${Soft}:${Hard}`,
    ]),
    ...buildRecord(Networks ?? [], ({ Target, Aliases }) => [
      `network ${networks.get(Target) ?? Target}`,
      formatAliases(Aliases ?? [], name),
    ]),
    ...buildRecord(spec.EndpointSpec?.Ports ?? [], p =>
      describePort(p.TargetPort, p.PublishedPort, p.Protocol, p.PublishMode),
    ),
    ...buildRecord(container.Mounts ?? [], m => [
      `mount ${m.Target}`,
      [m.Type, ...(m.Source ? [m.Source] : []), ...(m.ReadOnly ? ['read-only'] : [])].join(' '),
    ]),
    ...buildRecord(container.Configs ?? [], c => [
      `config ${c.File?.Name}`,
      formatMounted(c.ConfigName, c.File?.UID, c.File?.GID, c.File?.Mode),
    ]),
    ...buildRecord(container.Secrets ?? [], s => [
      `secret ${s.File?.Name}`,
      formatMounted(s.SecretName, s.File?.UID, s.File?.GID, s.File?.Mode),
    ]),
    ...listOtherFields(spec),
  })
}

/** Lists the configs and secrets that a specification mounts. */
export const listObjects = (spec: ApiSpec | undefined): readonly string[] => [
  ...(spec?.TaskTemplate.ContainerSpec.Configs ?? []).map(c => c.ConfigName),
  ...(spec?.TaskTemplate.ContainerSpec.Secrets ?? []).map(s => s.SecretName),
]

const dropStackLabels = (labels: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith('com.docker.stack.')))

const readUpdate = ({
  Parallelism = 1,
  Order = 'stop-first',
  Monitor = 5e9,
  FailureAction = 'pause',
  Delay = 0,
  MaxFailureRatio = 0,
}: ApiUpdate = {}) => ({
  parallelism: Parallelism,
  order: Order,
  monitor: Monitor,
  failure: FailureAction,
  delay: Delay,
  ratio: MaxFailureRatio,
})

const readRestart = ({
  Condition,
  Delay,
  MaxAttempts = 0,
  Window = 0,
}: NonNullable<ApiSpec['TaskTemplate']['RestartPolicy']> = {}): Restart => ({
  ...(Condition === undefined ? {} : { condition: Condition }),
  ...(Delay === undefined ? {} : { delay: Delay }),
  attempts: MaxAttempts,
  window: Window,
})

const readHealth = ({
  Test = [],
  Interval,
  Timeout,
  Retries,
  StartPeriod,
}: NonNullable<ApiContainer['Healthcheck']>): Health => ({
  test: Test,
  ...(Interval ? { interval: Interval } : {}),
  ...(Timeout ? { timeout: Timeout } : {}),
  ...(Retries ? { retries: Retries } : {}),
  ...(StartPeriod ? { start_period: StartPeriod } : {}),
})

const readLimits = ({ NanoCPUs, MemoryBytes, Pids }: ApiLimits = {}): ResourceLimits => ({
  ...(NanoCPUs ? { cpus: NanoCPUs / 1e9 } : {}),
  ...(MemoryBytes ? { memory: MemoryBytes } : {}),
  ...(Pids ? { pids: Pids } : {}),
})
