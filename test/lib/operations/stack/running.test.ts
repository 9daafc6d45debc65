import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type {
  ComposeService,
  Deploy,
  Healthcheck,
  Limits,
  Reservations,
  UpdateConfig,
} from '../../../../lib/compose/compose.ts'
import { describeService } from '../../../../lib/compose/service-facts.ts'
import { type ApiSpec, listRunningFacts } from '../../../../lib/operations/stack/running.ts'

type Row<T> = readonly [asked: T, running: object]
/** A row for each key, so that one that is added without being read back does not compile. */
type Rows<T> = { readonly [K in keyof Required<T>]: Row<Required<T>[K]> }

const container = (fields: object) => ({ ContainerSpec: fields })
const file = (Name: string, more: object) => ({
  File: { Name, UID: '0', GID: '0', Mode: 292 },
  ...more,
})

const services: Rows<Omit<ComposeService, 'deploy' | 'secretEnvironment'>> = {
  image: ['redis:7', container({ Image: 'redis:7' })],
  entrypoint: [['/a', 'b'], container({ Command: ['/a', 'b'] })],
  command: [['a', 'b'], container({ Args: ['a', 'b'] })],
  environment: [{ A: 'b=c' }, container({ Env: ['A=b=c'] })],
  user: ['1:1', container({ User: '1:1' })],
  working_dir: ['/a', container({ Dir: '/a' })],
  hostname: ['a', container({ Hostname: 'a' })],
  init: [true, container({ Init: true })],
  read_only: [true, container({ ReadOnly: true })],
  cap_add: [['CHOWN'], container({ CapabilityAdd: ['CAP_CHOWN'] })],
  cap_drop: [['ALL'], container({ CapabilityDrop: ['ALL'] })],
  sysctls: [{ a: '1' }, container({ Sysctls: { a: '1' } })],
  ulimits: [
    { nofile: { soft: 1, hard: 2 } },
    container({ Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] }),
  ],
  extra_hosts: [['a:10.0.0.1'], container({ Hosts: ['10.0.0.1 a'] })],
  dns: [['10.0.0.1'], container({ DNSConfig: { Nameservers: ['10.0.0.1'] } })],
  labels: [{ a: 'b' }, container({ Labels: { a: 'b' } })],
  logging: [
    { driver: 'local', options: { a: 'b' } },
    { LogDriver: { Name: 'local', Options: { a: 'b' } } },
  ],
  networks: [{ net: { aliases: ['x'] } }, { Networks: [{ Target: 'n1', Aliases: ['web', 'x'] }] }],
  ports: [
    [
      { target: 80, published: 8080, mode: 'host' },
      { target: 80, published: 8081, mode: 'host' },
    ],
    {
      spec: {
        EndpointSpec: {
          Mode: 'vip',
          Ports: [
            { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' },
            { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8081, PublishMode: 'host' },
          ],
        },
      },
    },
  ],
  volumes: [
    [
      { type: 'volume', source: 'v', target: '/v', read_only: true },
      { type: 'bind', source: '/b', target: '/c' },
      { type: 'tmpfs', target: '/t' },
    ],
    container({
      Mounts: [
        {
          Type: 'volume',
          Source: 's_v',
          Target: '/v',
          ReadOnly: true,
          VolumeOptions: { Labels: { 'com.docker.stack.namespace': 's' } },
        },
        { Type: 'bind', Source: '/b', Target: '/c' },
        { Type: 'tmpfs', Target: '/t' },
      ],
    }),
  ],
  configs: [
    [{ source: 'c', target: '/c', mode: 0o440 }],
    container({
      Configs: [
        {
          ...file('/c', { ConfigName: 's_c', ConfigID: 'x' }),
          File: { Name: '/c', UID: '0', GID: '0', Mode: 0o440 },
        },
      ],
    }),
  ],
  secrets: [
    [{ source: 'k' }],
    container({ Secrets: [file('k', { SecretName: 's_k', SecretID: 'x' })] }),
  ],
  healthcheck: [{ disable: true }, container({ Healthcheck: { Test: ['NONE'] } })],
  stop_grace_period: ['1m', container({ StopGracePeriod: 60e9 })],
  stop_signal: ['TERM', container({ StopSignal: 'TERM' })],
}

const deploys: Rows<
  Omit<Deploy, 'placement' | 'resources' | 'restart_policy' | 'update_config' | 'rollback_config'>
> = {
  mode: ['global', { spec: { Mode: { Global: {} } } }],
  replicas: [3, { spec: { Mode: { Replicated: { Replicas: 3 } } } }],
  labels: [{ a: 'b' }, { spec: { Labels: { a: 'b' } } }],
  endpoint_mode: ['dnsrr', { spec: { EndpointSpec: { Mode: 'dnsrr' } } }],
}
const placements: Rows<NonNullable<Deploy['placement']>> = {
  constraints: [['a==b'], { Placement: { Constraints: ['a==b'] } }],
  preferences: [
    [{ spread: 'node.labels.zone' }],
    { Placement: { Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.zone' } }] } },
  ],
  max_replicas_per_node: [1, { Placement: { MaxReplicas: 1 } }],
}
const limits: Rows<Limits> = {
  cpus: ['0.5', { Resources: { Limits: { NanoCPUs: 5e8 } } }],
  memory: ['64M', { Resources: { Limits: { MemoryBytes: 67108864 } } }],
  pids: [100, { Resources: { Limits: { Pids: 100 } } }],
}
const reservations: Rows<Reservations> = {
  cpus: ['0.5', { Resources: { Reservations: { NanoCPUs: 5e8 } } }],
  memory: ['64M', { Resources: { Reservations: { MemoryBytes: 67108864 } } }],
}
const restarts: Rows<NonNullable<Deploy['restart_policy']>> = {
  condition: ['on-failure', { RestartPolicy: { Condition: 'on-failure' } }],
  delay: ['1s', { RestartPolicy: { Delay: 1e9 } }],
  max_attempts: [3, { RestartPolicy: { MaxAttempts: 3 } }],
  window: ['1m', { RestartPolicy: { Window: 60e9 } }],
}
const updates: Rows<UpdateConfig> = {
  parallelism: [2, { Parallelism: 2 }],
  order: ['start-first', { Order: 'start-first' }],
  monitor: ['1m', { Monitor: 60e9 }],
  failure_action: ['continue', { FailureAction: 'continue' }],
  delay: ['3s', { Delay: 3e9 }],
  max_failure_ratio: [0.5, { MaxFailureRatio: 0.5 }],
}
const checks: Rows<Omit<Extract<Healthcheck, { test: unknown }>, 'test'>> = {
  interval: ['3s', { Interval: 3e9 }],
  timeout: ['3s', { Timeout: 3e9 }],
  retries: [2, { Retries: 2 }],
  start_period: ['3s', { StartPeriod: 3e9 }],
}

const base: ComposeService = { image: 'nginx:1.30', networks: [], deploy: { endpoint_mode: 'vip' } }
const describe = (service: ComposeService) => {
  const objects = { configs: { c: 's_c' }, secrets: { k: 's_k' } }
  const facts = describeService('s', 'web', service, objects, new Set())
  return Object.fromEntries(Object.entries(facts).filter(([key]) => key !== 'label brd.spec'))
}
const read = ({ spec, ContainerSpec, ...template }: Record<string, unknown>) =>
  listRunningFacts(
    'web',
    {
      Name: 's_web',
      TaskTemplate: {
        ContainerSpec: { Image: 'nginx:1.30', ...(ContainerSpec as object) },
        ...template,
      },
      Mode: { Replicated: { Replicas: 1 } },
      ...(spec as object),
    } as ApiSpec,
    new Map([['n1', 's_net']]),
  )

const same = (key: string, service: Partial<ComposeService>, running: object): void =>
  test(`${key} is read back as it is asked for, and its absence is noticed`, () => {
    const wanted = describe({ ...base, ...service })
    assert.equal(read(running as Record<string, unknown>), wanted)
    assert.not.equal(wanted, describe(base))
  })
const deploy = (fields: object): Partial<ComposeService> => ({
  deploy: { ...base.deploy, ...fields },
})
const each = (rows: object, make: (key: string, row: Row<unknown>) => void): void => {
  for (const [key, row] of Object.entries(rows)) make(key, row as Row<unknown>)
}

each(services, (key, [asked, running]) => same(key, { [key]: asked }, running))
each(deploys, (key, [asked, running]) => same(`deploy.${key}`, deploy({ [key]: asked }), running))
each(placements, (key, [asked, running]) =>
  same(`placement.${key}`, deploy({ placement: { [key]: asked } }), running),
)
each(limits, (key, [asked, running]) =>
  same(`limits.${key}`, deploy({ resources: { limits: { [key]: asked } } }), running),
)
each(reservations, (key, [asked, running]) =>
  same(`reservations.${key}`, deploy({ resources: { reservations: { [key]: asked } } }), running),
)
each(restarts, (key, [asked, running]) =>
  same(`restart_policy.${key}`, deploy({ restart_policy: { [key]: asked } }), running),
)
each(updates, (key, [asked, running]) => {
  for (const [of, at] of [
    ['update_config', 'UpdateConfig'],
    ['rollback_config', 'RollbackConfig'],
  ] as const)
    same(`${of}.${key}`, deploy({ [of]: { [key]: asked } }), { spec: { [at]: running } })
})
each(checks, (key, [asked, running]) =>
  same(
    `healthcheck.${key}`,
    { healthcheck: { test: ['CMD', 'true'], [key]: asked } as Healthcheck },
    container({ Healthcheck: { Test: ['CMD', 'true'], ...running } }),
  ),
)

test.run()
