import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compose } from '../../../lib/compose/compose.ts'
import { type Output, Unknown } from '../../../lib/operation.ts'
import { stack } from '../../../lib/operations/stack.ts'
import { Secret } from '../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const compose: Compose = {
  services: {
    web: {
      image: 'nginx:1.30',
      environment: { MODE: 'live' },
      networks: ['inner', 'proxy'],
      configs: [{ source: 'site', target: '/etc/nginx/conf.d/site.conf' }],
      secrets: [{ source: 'key' }],
      ports: [{ target: 80, published: 8080, mode: 'host' }],
      deploy: {
        endpoint_mode: 'dnsrr',
        labels: { a: 'b' },
        update_config: { failure_action: 'rollback' },
      },
    },
  },
  networks: { inner: {}, proxy: { external: true } },
}
const hmac = () => 'abcdef0123456789'
const secrets = { key: new Secret('hunter2', 'key') }
const site = 'server {}\n'
const want = { name: 's', compose, configs: { site }, secrets, hmac }

const web = compose.services['web'] as Compose['services'][string]
const changed = (service: object) => ({
  compose: { ...compose, services: { web: { ...web, ...service } } },
})

const planOf = (out: Partial<Output> | string, more = {}) =>
  stack({ ...want, ...more }).decide(makeOutput(out), nothingPending)
/**
 * The name that the config has on the cluster, and the hash of the specification, as the rendered
 * file has them.
 */
const file = (() => {
  const plan = planOf(running({ services: [] }))
  if (!plan || plan instanceof Unknown) throw new Error('a plan is expected')
  return String((plan.stdin as readonly unknown[]).at(-1))
})()
const config = /s_site_[0-9a-f]{12}/.exec(file)?.[0] as string
const spec = /brd\.spec: "?([0-9a-f]{12})/.exec(file)?.[1] as string

type Change = {
  container?: object
  template?: object
  labels?: object
  service?: object
  spec?: object
}
function service({
  container = {},
  template = {},
  labels = {},
  service = {},
  spec: more = {},
}: Change = {}) {
  const ContainerSpec = {
    Image: `nginx:1.30@sha256:${'a'.repeat(64)}`,
    Env: ['MODE=live'],
    Configs: [
      {
        File: { Name: '/etc/nginx/conf.d/site.conf', UID: '0', GID: '0', Mode: 292 },
        ConfigName: config,
      },
    ],
    Secrets: [
      { File: { Name: 'key', UID: '0', GID: '0', Mode: 292 }, SecretName: 's_key_abcdef012345' },
    ],
    ...container,
  }
  const Spec = {
    Name: 's_web',
    Labels: {
      'com.docker.stack.namespace': 's',
      'com.docker.stack.image': 'nginx:1.30',
      'brd.spec': spec,
      a: 'b',
      ...labels,
    },
    TaskTemplate: {
      ContainerSpec,
      Networks: [
        { Target: 'n1', Aliases: ['web'] },
        { Target: 'n2', Aliases: ['web'] },
      ],
      ...template,
    },
    Mode: { Replicated: { Replicas: 1 } },
    UpdateConfig: { Parallelism: 1, FailureAction: 'rollback', Monitor: 5e9, Order: 'stop-first' },
    EndpointSpec: {
      Mode: 'dnsrr',
      Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' }],
    },
    ...more,
  }
  return {
    ID: 'id',
    Version: { Index: 7 },
    Spec,
    ServiceStatus: { RunningTasks: 1, DesiredTasks: 1 },
    ...service,
  }
}
type Api = {
  services?: object[]
  tasks?: object[]
  networks?: object[]
  external?: object[]
  configs?: string[]
  secrets?: string[]
  replaced?: object[]
}
function running(api: Api = {}): string {
  const services = api.services ?? [service()]
  const first = services[0] as ReturnType<typeof service> | undefined
  const tasks =
    api.tasks ??
    (first
      ? [
          {
            ServiceID: 'id',
            Spec: { ContainerSpec: first.Spec.TaskTemplate.ContainerSpec },
            Status: { State: 'running' },
          },
        ]
      : [])
  const named = (names: readonly string[]) => names.map(Name => ({ Spec: { Name } }))
  const bodies = [
    services,
    tasks,
    api.networks ?? (first ? [{ Id: 'n1', Name: 's_inner' }] : []),
    api.external ?? [{ Id: 'n2', Name: 'proxy' }],
    named(api.configs ?? (first ? [config] : [])),
    named(api.secrets ?? (first ? ['s_key_abcdef012345'] : [])),
    ...(api.replaced ?? []),
  ]
  return bodies.map(body => `${JSON.stringify(body)}\n200\n`).join('')
}

plans(() => stack(want), {
  'leaves what is right': [running(), want, []],
  'sees a label set by hand': [
    running({ services: [service({ labels: { a: 'c', x: 'y' } })] }),
    want,
    ['web.label a: c -> b', 'web.label x: y -> absent'],
  ],
  'sees a variable set by hand': [
    running({ services: [service({ container: { Env: ['MODE=test', 'X=1'] } })] }),
    want,
    ['web.env MODE: test -> live', 'web.env X: 1 -> absent'],
  ],
  'sees another image': [
    running({ services: [service({ container: { Image: 'nginx:1.29@sha256:00' } })] }),
    want,
    ['web.image: nginx:1.29 -> nginx:1.30'],
  ],
  'sees a port that was taken away': [
    running({ services: [service({ spec: { EndpointSpec: { Mode: 'dnsrr' } } })] }),
    want,
    ['web.port 8080:80/tcp: absent -> host'],
  ],
  'sees a network that was left': [
    running({
      services: [service({ template: { Networks: [{ Target: 'n2', Aliases: ['web', 'x'] }] } })],
    }),
    want,
    ['web.network s_inner: absent -> joined', 'web.network proxy: joined as x -> joined'],
  ],
  'sees limits set by hand': [
    running({
      services: [
        service({
          template: {
            Resources: { Limits: { MemoryBytes: 67108864 } },
            Networks: [{ Target: 'n1' }, { Target: 'n2' }],
          },
        }),
      ],
    }),
    want,
    ['web.limits: memory=64M -> absent'],
  ],
  'sees what a stack cannot set at all': [
    running({
      services: [
        service({
          container: {
            TTY: true,
            Isolation: 'default',
            Privileges: { CredentialSpec: null, NoNewPrivileges: true },
            Mounts: [
              {
                Type: 'tmpfs',
                Target: '/cache',
                TmpfsOptions: { SizeBytes: 1024 },
              },
            ],
          },
          template: {
            Resources: {
              Reservations: { GenericResources: [{ NamedResourceSpec: { Kind: 'gpu' } }] },
            },
            Networks: [{ Target: 'n1' }, { Target: 'n2', DriverOpts: { a: 'b' } }],
            ForceUpdate: 3,
            Runtime: 'container',
          },
        }),
      ],
    }),
    want,
    [
      'web.mount /cache: tmpfs -> absent',
      'web.ContainerSpec.TTY: true -> absent',
      'web.ContainerSpec.Privileges: {"CredentialSpec":null,"NoNewPrivileges":true} -> absent',
      'web.ContainerSpec.Mounts[/cache].TmpfsOptions: {"SizeBytes":1024} -> absent',
      'web.Networks[n2].DriverOpts: {"a":"b"} -> absent',
      'web.Resources.Reservations.GenericResources: [{"NamedResourceSpec":{"Kind":"gpu"}}] -> absent',
    ],
  ],
  'sees another digest under the same tag than the deploy ended with': [
    `images:\nimages: s_web nginx:1.30@sha256:${'b'.repeat(64)}\n${running()}`,
    want,
    [`web.image: nginx:1.30@sha256:${'a'.repeat(64)} -> nginx:1.30@sha256:${'b'.repeat(64)}`],
  ],
  'leaves the digest that the deploy ended with': [
    `images:\nimages: s_web nginx:1.30@sha256:${'a'.repeat(64)}\n${running()}`,
    want,
    [],
  ],
  'a deploy of another tag tells nothing of this one': [
    `images:\nimages: s_web nginx:1.29@sha256:${'b'.repeat(64)}\n${running()}`,
    want,
    [],
  ],
  'ends a deploy that was broken off': [
    `before:\nbefore: s_web ${JSON.stringify(service().Spec)}\n${running()}`,
    want,
    ['deploy: interrupted -> complete'],
  ],
  'keeps what the version before a deploy that was broken off mounts': [
    `before:\nbefore: s_web ${JSON.stringify(
      service({ container: { Configs: [{ ConfigName: 's_site_000000000000' }] } }).Spec,
    )}\n${running({ configs: [config, 's_site_000000000000'] })}`,
    want,
    ['deploy: interrupted -> complete'],
  ],
  'sees a network of another kind': [
    running({ networks: [{ Id: 'n1', Name: 's_inner', Options: { encrypted: '' } }] }),
    want,
    /network s_inner\.encrypted: true, wanted false/,
  ],
  'sees a service scaled by hand': [
    running({ services: [service({ spec: { Mode: { Replicated: { Replicas: 3 } } } })] }),
    want,
    ['web.replicas: 3 -> 1'],
  ],
  'names the specification where only its hash moved': [
    running({ services: [service({ labels: { 'brd.spec': '000000000000' } })] }),
    want,
    [`web.label brd.spec: 000000000000 -> ${spec}`],
  ],
  'removes a service that is no longer in the file': [
    running({
      services: [
        service(),
        {
          ...service({ container: { Configs: [], Secrets: [] } }),
          ID: 'other',
          Spec: { ...service().Spec, Name: 's_old' },
        },
      ],
    }),
    want,
    [`old: nginx:1.30@sha256:${'a'.repeat(64)} -> absent`],
  ],
  'resumes an update that is paused': [
    running({
      services: [
        service({ service: { UpdateStatus: { State: 'paused', Message: 'task failed' } } }),
      ],
    }),
    want,
    ['web.update: paused: task failed -> completed'],
  ],
  'waits for an update under way': [
    running({ services: [service({ service: { UpdateStatus: { State: 'updating' } } })] }),
    want,
    ['web.update: updating -> completed'],
  ],
  'leaves a finished rollback alone': [
    running({
      services: [service({ service: { UpdateStatus: { State: 'rollback_completed' } } })],
    }),
    want,
    [],
  ],
  'waits for tasks': [
    running({ tasks: [] }),
    want,
    ['web.tasks: 0 of 1 running -> 1 of 1 running'],
  ],
  'says why a task does not run': [
    running({
      tasks: [
        {
          ServiceID: 'id',
          Spec: { ContainerSpec: {} },
          Status: { State: 'pending', Err: 'no suitable node' },
        },
      ],
    }),
    want,
    ['web.tasks: 0 of 1 running (no suitable node) -> 1 of 1 running'],
  ],
  'waits for tasks of the old version to go': [
    running({
      tasks: [
        {
          ServiceID: 'id',
          Spec: { ContainerSpec: { Image: 'nginx:1.29' } },
          Status: { State: 'running' },
        },
      ],
    }),
    want,
    ['web.tasks: 0 of 1 on this version -> 1 of 1 running'],
  ],
  'collects what no version uses': [
    running({
      configs: [config, 's_site_000000000000'],
      secrets: ['s_key_abcdef012345', 's_key_000000000000'],
    }),
    want,
    [
      'unused config s_site_000000000000: kept -> absent',
      'unused secret s_key_000000000000: kept -> absent',
    ],
  ],
  'keeps what the version before mounts': [
    running({
      configs: [config, 's_site_000000000000'],
      services: [
        service({
          service: {
            PreviousSpec: {
              TaskTemplate: { ContainerSpec: { Configs: [{ ConfigName: 's_site_000000000000' }] } },
            },
          },
        }),
      ],
    }),
    want,
    [],
  ],
  'collects a network that is no longer in the file': [
    running({
      networks: [
        { Id: 'n1', Name: 's_inner' },
        { Id: 'n3', Name: 's_old' },
      ],
    }),
    want,
    ['unused network s_old: kept -> absent'],
  ],
  'shows the text that changes in a config': [
    running({
      services: [
        service({
          container: {
            Configs: [
              {
                File: { Name: '/etc/nginx/conf.d/site.conf', UID: '0', GID: '0', Mode: 292 },
                ConfigName: 's_site_000000000000',
              },
            ],
          },
        }),
      ],
      configs: ['s_site_000000000000'],
      replaced: [
        { Spec: { Name: 's_site_000000000000', Data: Buffer.from('old {}\n').toString('base64') } },
      ],
    }),
    want,
    ['web.config /etc/nginx/conf.d/site.conf: old {}\n -> server {}\n'],
  ],
  'a network that differs cannot be changed': [
    running({ networks: [{ Id: 'n1', Name: 's_inner', Internal: true }] }),
    want,
    new RegExp(
      String.raw`cannot change a network \(network s_inner.internal: true, wanted false\): ` +
        'remove the stack first',
    ),
  ],
  'an external network that is missing': [
    running({ services: [], external: [] }),
    want,
    /the network proxy does not exist/,
  ],
  'a node that is no manager': [
    {
      stdout: Buffer.from(
        `${JSON.stringify({ message: 'This node is not a swarm manager.' })}\n503\n`.repeat(6),
      ),
    },
    want,
    /not a swarm manager/,
  ],
  'Docker is not there yet': [
    { exitCode: 3, stderr: 'Docker is not installed' },
    want,
    /Docker is not installed/,
  ],
  'an empty answer': [{ stdout: Buffer.from('') }, want, /Docker says: nothing/],
})

test('a new stack: every line of it, and its objects in the order in which they are read', () => {
  const plan = planOf(running({ services: [] }))
  if (!plan || plan instanceof Unknown) throw new Error('a plan is expected')
  assert.equal(
    plan.diff.filter(({ before }) => before !== null),
    [],
  )
  const keys = plan.diff.map(({ key }) => key)
  for (const key of [
    'web.image',
    'web.env MODE',
    'web.port 8080:80/tcp',
    'web.secret key',
    'network s_inner',
  ])
    assert.ok(keys.includes(key), key)
  const [line, end, secret, , compose] = plan.stdin as readonly [
    string,
    string,
    Secret,
    string,
    string,
  ]
  assert.is(Buffer.from(line, 'base64').toString() + end, `${site}\n`)
  assert.is(Buffer.from(secret.reveal(), 'base64').toString(), 'hunter2')
  assert.match(compose, /^version: "3.9"/)
})

test('no secret, and no hash of one without a key, is in the plan or the script', () => {
  const plan = planOf(running({ services: [] }))
  if (!plan || plan instanceof Unknown) throw new Error('a plan is expected')
  const seen = JSON.stringify([plan.diff, plan.apply.text, plan.stdin])
  for (const trace of ['hunter2', Buffer.from('hunter2').toString('base64'), 'f52fbd32b2b3'])
    assert.not.ok(seen.includes(trace), trace)
})

test('an image changed by hand is resolved again, otherwise the running digest stays', () => {
  const resolve = (out: string) => {
    const plan = planOf(out)
    return plan && !(plan instanceof Unknown)
      ? /--resolve-image (\w+)/.exec(plan.apply.text)?.[1]
      : undefined
  }
  assert.is(
    resolve(running({ services: [service({ container: { Image: 'nginx:1.29@sha256:00' } })] })),
    'always',
  )
  assert.is(resolve(running({ services: [service({ labels: { a: 'c' } })] })), 'changed')
})

test('another digest of the same tag is resolved again', () => {
  const other = `images:\nimages: s_web nginx:1.30@sha256:${'b'.repeat(64)}\n${running()}`
  const plan = planOf(other)
  assert.ok(plan && !(plan instanceof Unknown))
  assert.match(plan.apply.text, /--resolve-image always/)
})

const textOf = (out: string, more = {}): string => {
  const plan = planOf(out, more)
  if (!plan || plan instanceof Unknown) throw new Error('a plan is expected')
  return plan.apply.text
}

test('a paused update is resumed by a deploy: a wait would never end', () => {
  const UpdateStatus = { State: 'paused' }
  assert.match(
    textOf(running({ services: [service({ service: { UpdateStatus } })] })),
    /docker stack deploy --compose-file/,
  )
  const updating = service({ service: { UpdateStatus: { State: 'updating' } } })
  assert.not.match(textOf(running({ services: [updating] })), /docker stack deploy --compose/)
})

test('only a stack that rolls back as a whole keeps what was before, and goes back to it', () => {
  const out = running({ services: [service({ labels: { a: 'c' } })] })
  for (const text of [textOf(out, { rollbackStack: true })]) {
    assert.match(text, /rolling the whole stack back/)
    assert.ok(
      text.indexOf('s.before.new') < text.indexOf('docker stack deploy --compose'),
      'kept before the deploy',
    )
  }
  for (const text of [textOf(out), textOf(out, { rollbackStack: false })])
    assert.not.match(text, /rolling the whole stack back|s\.before\.new/)
})

test('how long a new task must have run: its restart, or its start, or what is given', () => {
  const hold = (more: object, options: object = {}) =>
    /'H s_web (\d+)'/.exec(textOf(running({ services: [] }), { ...changed(more), ...options }))?.[1]
  const check = { test: ['CMD', 'true'], start_period: '25s' }
  const restart = (delay: string) => ({ deploy: { ...web.deploy, restart_policy: { delay } } })
  assert.equal(
    [
      hold({}),
      hold(restart('12s')),
      hold(restart('2m')),
      hold({ healthcheck: check }),
      hold({ healthcheck: { ...check, start_period: '5m' } }),
      hold({}, { holdSeconds: 60 }),
    ],
    ['15', '22', '30', '25', '30', '60'],
  )
})

const withVariable = {
  ...changed({ secretEnvironment: { TOKEN: 'token' } }),
  environmentSecrets: { token: new Secret('a"b$c', 'c/token') },
}

test('a variable that is a secret is stdin alone, and another value is never shown', () => {
  const env = (value: string) =>
    running({ services: [service({ container: { Env: ['MODE=live', `TOKEN=${value}`] } })] })
  const plan = planOf(env('other-value'), withVariable)
  if (!plan || plan instanceof Unknown) throw new Error('a plan is expected')
  const shown = plan.diff.map(({ key, before, after }) => `${key}: ${before} -> ${after}`)
  assert.ok(shown.includes('web.env TOKEN: another value -> the secret token'), shown.join('\n'))
  assert.not.match(JSON.stringify([plan.diff, plan.apply.text, plan.stdin]), /a\W+b\$c|other-value/)
  const sent = (plan.stdin as readonly (string | Secret)[])
    .map(part => (part instanceof Secret ? part.reveal() : part))
    .join('')
  assert.match(sent, /TOKEN: "a\\"b\$\$c"\n/)
  const same = planOf(env('a"b$c'), withVariable)
  assert.ok(!same || same instanceof Unknown || !/TOKEN/.test(JSON.stringify(same.diff)))
})

test('the deploy is refused where a service moved since it was read', () => {
  const plan = planOf(running({ services: [service({ labels: { a: 'c' } })] }))
  assert.ok(plan && !(plan instanceof Unknown) && plan.apply.text.includes("= 's_web 7' ]"))
})

const throws = (title: string, more: object, message: RegExp) =>
  test(title, () => assert.throws(() => stack({ ...want, ...more }), message))
throws(
  'a name that another stack may share objects with',
  { name: 'a_b' },
  /"a_b" is not a stack's name: .* with a _ its objects could be those of another stack/,
)
throws(
  'a config that is not there',
  { configs: {} },
  /web: config site is not in the stack \(there is: none\)/,
)
throws(
  'a variable of a secret that is not there',
  changed({ secretEnvironment: { TOKEN: 'token' } }),
  /web: secret of a variable token is not in the stack/,
)
throws(
  'a network that is not there',
  changed({ networks: ['inner', 'outer'] }),
  /web: network outer is not in the stack \(there is: inner, proxy\)/,
)
throws(
  'a volume that is not there',
  changed({ volumes: [{ type: 'volume', source: 'data', target: '/data' }] }),
  /web: volume data is not/,
)
throws('a service without a network', changed({ networks: [] }), /web: networks is empty/)
throws('a stack without a service', { compose: { ...compose, services: {} } }, /it has no service/)
throws('an empty config', { configs: { site: '' } }, /config site is empty/)
throws(
  'a host port with start-first',
  changed({ deploy: { ...web.deploy, update_config: { order: 'start-first' } } }),
  /needs update order stop-first/,
)
throws(
  'an ingress port without a virtual address',
  changed({ ports: [{ target: 80, published: 80, mode: 'ingress' }] }),
  /needs endpoint_mode vip/,
)

test.run()
