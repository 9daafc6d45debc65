/** A list is safe to stop after any of its operations: every role, at every stop. */
import { readdirSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Deferred } from '../../lib/deferred.ts'
import { loadProject } from '../../lib/inventory/load-project.ts'
import { findProject } from '../../lib/inventory/project.ts'
import { type Change, type Operation, Unknown } from '../../lib/operation.ts'
import { Secret } from '../../lib/secret.ts'
import { nameEdge } from '../../playbooks/cluster.ts'
import { readEnvironmentOptions } from '../../playbooks/deploy/environment.ts'
import { base } from '../../roles/base.ts'
import { docker } from '../../roles/docker.ts'
import { environment } from '../../roles/environment.ts'
import { grafana } from '../../roles/grafana.ts'
import { images } from '../../roles/images.ts'
import { loki } from '../../roles/loki.ts'
import { portainer } from '../../roles/portainer.ts'
import { swarm } from '../../roles/swarm.ts'
import { traefik } from '../../roles/traefik.ts'
import { makeOutput, nothingPending } from '../support/operations.ts'
import { findUnsafeStops } from '../support/stops.ts'

const secret = (name: string) => new Secret(`the value of ${name}`, name)
const hmac = () => '0'.repeat(64)
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIanna anna@work'
const place = { domain: 'infra.brd.example', network: 'tools' }
const tool = {
  ...place,
  password: secret('tool'),
  held: { stamps: ['0123'], rotate: 'npx zx playbooks/rotate.ts' },
  hmac,
} as const
const full: Parameters<typeof base>[0] = {
  name: 'web-1.brd.example',
  timezone: 'Europe/Moscow',
  operators: { anna: { keys: [key] }, boris: { keys: [key], sudo: false } },
  formerOperators: ['carl'],
  ssh: { login: 'anna' },
  firewall: { admin: ['203.0.113.0/24'], allow: [{ port: 80 }] },
  sysctl: { 'vm.overcommit_memory': 1 },
}

const inventory = await loadProject(findProject(import.meta.dirname))
const vault = {
  secret: async (name: string) =>
    name.endsWith('/manifest-key') ? new Secret('a'.repeat(64), name) : secret(name),
  find: async () => null,
  hmac,
}
const lists = await Promise.all(
  [...inventory.environments.values()].map(async entry =>
    environment(await readEnvironmentOptions(entry, vault, null)),
  ),
)

/** Networks that other roles make. */
const others = ['tools', ...new Set([...inventory.environments.keys()].map(nameEdge))]

/** Every role -> its lists, as they are played in one go. */
const roles: Record<string, readonly (readonly Operation[])[]> = {
  base: [base(full), base({})],
  docker: (['docker-ce', 'docker.io'] as const).map(from =>
    docker({ package: from, logs: { size: '20m', files: 5 } }),
  ),
  environment: lists.map(({ diskSpace, bucket, data, database, serving }) => [
    ...diskSpace,
    ...bucket,
    ...data,
    ...database,
    ...serving,
  ]),
  grafana: [grafana({ ...tool, image: 'grafana/grafana:13.2.3', secretKey: secret('key') })],
  images: [images({ repositories: ['registry.example/shop'] })],
  loki: [
    loki({
      ...place,
      image: 'grafana/loki:3.7.8',
      alloy: 'grafana/alloy:v1.18.1',
      socketProxy: 'nginx:1.30',
      days: 31,
    }),
  ],
  portainer: [
    portainer({
      ...tool,
      image: 'portainer/portainer-ce:2.45.0',
      agent: 'portainer/agent:2.45.0',
      agentSecret: secret('agent'),
    }),
  ],
  swarm: [
    swarm({
      as: 'first',
      advertise: '10.0.0.2',
      pool: '10.64.0.0/12',
      provides: { worker: new Deferred<Secret>('w'), manager: new Deferred<Secret>('m') },
    }),
    swarm({
      as: 'worker',
      advertise: '10.0.0.3',
      manager: '10.0.0.2',
      token: new Deferred<Secret>('w'),
    }),
  ],
  traefik: [
    traefik({
      image: 'traefik:v3.7.11',
      socketProxy: 'nginx:1.30',
      domain: tool.domain,
      acme: { email: 'infra@brd.example' },
      networks: ['tools', 'proxy'],
      users: { brd: secret('tools') },
      hmac,
    }),
  ],
}

test('every role is looked at', () =>
  assert.equal(
    Object.keys(roles).sort(),
    readdirSync(new URL('../../roles', import.meta.url))
      .flatMap(name => /^(.*)\.ts$/.exec(name)?.[1] ?? [])
      .sort(),
  ))
for (const [name, all] of Object.entries(roles))
  for (const [i, list] of all.entries())
    test(`${name}, list ${i + 1}: safe after each of its ${list.length} operations`, () =>
      assert.equal(findUnsafeStops(list, others), []))

const find = (id: string) => base(full).find(op => op.id === id) as Operation
test('base: no account loses its password before its keys and its sudo are there', () => {
  const printed = 'anna:x:1001:1001::/home/anna:/bin/bash\nanna\nanna sudo\nset\nasks\n'
  assert.is(find('user anna').decide(makeOutput(printed), nothingPending), null)
  const lock = find('passwordLock anna')
  assert.instance(lock.decide(makeOutput('set\nasks\n'), nothingPending), Unknown)
})
test('base: what may lock this run out is kept only after a new login', () => {
  const plans = {
    'sudoers /etc/sudoers.d/brd-operators': '= read\n= proven\nabsent\n',
    'authorizedKeys anna': '= login anna none\nanna:x:1:1::/home/anna:/bin/bash\nabsent\nabsent\n',
    'sshd /etc/ssh/sshd_config.d/00-hardening.conf': 'absent\n',
    'passwordLock anna': 'set\nfree\n',
    'firewall /etc/brd/firewall.rules': 'iptables=absent\nip6tables=absent\nabsent\n',
  }
  for (const [id, printed] of Object.entries(plans)) {
    const plan = find(id).decide(makeOutput(printed), nothingPending) as Change
    assert.is(plan.provenByLogin, true, id)
  }
})

/** orders that were wrong, or would be -> what must be found */
const planted: Record<string, [Operation[], RegExp]> = {
  'locks before sudo': [
    move(base(full), 'passwordLock anna', 0),
    /passwordLock anna before sudoers/,
  ],
  'locks before keys': [
    move(base(full), 'passwordLock anna', 7),
    /passwordLock anna before authorizedKeys anna/,
  ],
  'sshd before keys': [
    move(base(full), 'sshd /etc/ssh/sshd_config.d/00-hardening.conf', 1),
    /sshd .* before authorizedKeys boris/,
  ],
  'somebody goes first': [move(base(full), 'user carl', 0), /user carl - before sshd/],
  'a name that nothing knows': [
    move(base(full), 'hostname /etc/hostname', 0),
    /hostname .* before hostsEntry/,
  ],
  'a stack before its network': [
    move(roles['traefik']?.[0] ?? [], 'stack traefik', 0),
    /stack traefik before docker.network tools: it needs tools/,
  ],
  'a stack before its folder': [
    move(roles['traefik']?.[0] ?? [], 'stack traefik', 0),
    /stack traefik before directory .etc.traefik.dynamic: it needs/,
  ],
  'a service before its unit': [
    move(roles['images']?.[0] ?? [], 'service brd-prune-images.timer', 0),
    /service brd-prune-images.timer before systemd.unit/,
  ],
  'a unit before its program': [
    move(roles['images']?.[0] ?? [], 'systemd.unit brd-prune-images.service', 0),
    /before file .usr.local.lib.brd.prune-images: it needs/,
  ],
  'requests before migrations': [
    [...(roles['environment']?.[0] ?? [])].reverse(),
    /stack \S+ before job/,
  ],
}
function move(list: readonly Operation[], id: string, to: number): Operation[] {
  const rest = list.filter(op => op.id !== id)
  const moved = list.filter(op => op.id === id)
  return [...rest.slice(0, to), ...moved, ...rest.slice(to)]
}
for (const [title, [list, expected]] of Object.entries(planted))
  test(`found: ${title}`, () => assert.match(findUnsafeStops(list, others).join('\n'), expected))

test.run()
