import {
  aliasLine,
  each,
  type Facts,
  facts,
  type Health,
  health,
  keyed,
  limits,
  logging,
  mounted,
  restart,
  seconds,
  set,
  update,
  words,
} from '../../compose/facts.ts'

/** What the Docker API says of a service: the fields that are read. */
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
    RestartPolicy?: { Condition?: string; Delay?: number }
    Placement?: { Constraints?: string[] }
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
type ApiLimits = { NanoCPUs?: number; MemoryBytes?: number }
type ApiUpdate = {
  Parallelism?: number
  FailureAction?: string
  Monitor?: number
  Order?: string
  Delay?: number
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
 * The facts of a service as it runs, named as those of a wanted one; `networks` are names by id.
 * The stack's own labels are not facts.
 */
export const runningFacts = (
  name: string,
  spec: ApiSpec,
  networks: ReadonlyMap<string, string>,
): Facts => {
  const {
    ContainerSpec: container,
    Resources,
    RestartPolicy,
    Placement,
    Networks,
    LogDriver,
  } = spec.TaskTemplate
  return facts({
    image: container.Image,
    entrypoint: words(container.Command),
    command: words(container.Args),
    user: container.User || undefined,
    working_dir: container.Dir || undefined,
    hostname: container.Hostname || undefined,
    init: container.Init === undefined ? undefined : String(container.Init),
    read_only: container.ReadOnly ? 'true' : undefined,
    cap_add: set(container.CapabilityAdd),
    cap_drop: set(container.CapabilityDrop),
    extra_hosts: set(container.Hosts),
    dns: words(container.DNSConfig?.Nameservers),
    logging: LogDriver && logging(LogDriver.Name, LogDriver.Options),
    healthcheck: container.Healthcheck?.Test && health(healthOf(container.Healthcheck)),
    stop_grace_period: seconds(container.StopGracePeriod ?? 10e9),
    stop_signal: container.StopSignal || undefined,
    replicas: spec.Mode.Global ? 'global' : String(spec.Mode.Replicated?.Replicas ?? 1),
    endpoint_mode: spec.EndpointSpec?.Mode ?? 'vip',
    constraints: words(Placement?.Constraints),
    limits: limits(amounts(Resources?.Limits)),
    reservations: limits(amounts(Resources?.Reservations)),
    restart: restart(RestartPolicy?.Condition, RestartPolicy?.Delay),
    update: update(updateOf(spec.UpdateConfig)),
    rollback: update(updateOf(spec.RollbackConfig)),
    ...each(container.Env ?? [], line => [
      `env ${line.split('=', 1)[0]}`,
      line.slice(line.indexOf('=') + 1),
    ]),
    ...keyed('label', own(spec.Labels)),
    ...keyed('container label', own(container.Labels)),
    ...keyed('sysctl', container.Sysctls),
    ...each(container.Ulimits ?? [], ({ Name, Soft, Hard }) => [
      `ulimit ${Name}`,
      `${Soft}:${Hard}`,
    ]),
    ...each(Networks ?? [], ({ Target, Aliases }) => [
      `network ${networks.get(Target) ?? Target}`,
      aliasLine(Aliases ?? [], name),
    ]),
    ...each(spec.EndpointSpec?.Ports ?? [], p => [
      `port ${p.TargetPort}/${p.Protocol}`,
      `${p.PublishedPort ?? 'any'} ${p.PublishMode}`,
    ]),
    ...each(container.Mounts ?? [], m => [
      `mount ${m.Target}`,
      [m.Type, ...(m.Source ? [m.Source] : []), ...(m.ReadOnly ? ['read-only'] : [])].join(' '),
    ]),
    ...each(container.Configs ?? [], c => [
      `config ${c.File?.Name}`,
      mounted(c.ConfigName, c.File?.UID, c.File?.GID, c.File?.Mode),
    ]),
    ...each(container.Secrets ?? [], s => [
      `secret ${s.File?.Name}`,
      mounted(s.SecretName, s.File?.UID, s.File?.GID, s.File?.Mode),
    ]),
  })
}

/** The names of the configs and secrets that a specification mounts. */
export const objectsOf = (spec: ApiSpec | undefined): readonly string[] => [
  ...(spec?.TaskTemplate.ContainerSpec.Configs ?? []).map(c => c.ConfigName),
  ...(spec?.TaskTemplate.ContainerSpec.Secrets ?? []).map(s => s.SecretName),
]

const own = (labels: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith('com.docker.stack.')))

const updateOf = ({
  Parallelism = 1,
  Order = 'stop-first',
  Monitor = 5e9,
  FailureAction = 'pause',
  Delay = 0,
}: ApiUpdate = {}) => ({
  parallelism: Parallelism,
  order: Order,
  monitor: Monitor,
  failure: FailureAction,
  delay: Delay,
})

const healthOf = ({
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

const amounts = ({
  NanoCPUs,
  MemoryBytes,
}: ApiLimits = {}): { cpus?: number; memory?: number } => ({
  ...(NanoCPUs ? { cpus: NanoCPUs / 1e9 } : {}),
  ...(MemoryBytes ? { memory: MemoryBytes } : {}),
})
