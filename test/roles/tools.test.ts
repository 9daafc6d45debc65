import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import type { Operation } from '../../lib/operation.ts'
import { Secret } from '../../lib/secret.ts'
import { grafana } from '../../roles/grafana.ts'
import { loki } from '../../roles/loki.ts'
import { portainer } from '../../roles/portainer.ts'
import { traefik } from '../../roles/traefik.ts'
import { assertGolden, renderDeployment } from '../support/golden.ts'

const hmac = (purpose: string, secret: Secret) =>
  Buffer.from(`${purpose}${secret.name}`).toString('hex').slice(-32)
const secret = (name: string) => new Secret(`the value of ${name}`, name)
const domain = 'infra-stage.brd.example'
const held = { stamps: ['0123'], rotate: 'npx zx playbooks/rotate.ts' } as const

const roles: Record<string, readonly [ops: readonly Operation[], external: readonly string[]]> = {
  traefik: [
    traefik({
      image: 'traefik:v3.7.11',
      socketProxy: 'nginx:1.30',
      domain,
      acme: { email: 'infra@brd.example', server: 'https://10.0.0.2:14000/dir', ca: 'the CA\n' },
      networks: ['tools', 'proxy'],
      mtu: 1350,
      users: { brd: secret('tools') },
      hmac,
    }),
    ['tools', 'proxy'],
  ],
  portainer: [
    portainer({
      image: 'portainer/portainer-ce:2.45.0',
      agent: 'portainer/agent:2.45.0',
      domain,
      network: 'tools',
      mtu: 1350,
      password: secret('portainer'),
      agentSecret: secret('portainer-agent'),
      held,
      hmac,
    }),
    ['tools'],
  ],
  loki: [
    loki({
      image: 'grafana/loki:3.7.8',
      alloy: 'grafana/alloy:v1.18.1',
      socketProxy: 'nginx:1.30',
      domain,
      network: 'tools',
      mtu: 1350,
      days: 31,
    }),
    ['tools'],
  ],
  grafana: [
    grafana({
      image: 'grafana/grafana:13.2.3',
      domain,
      network: 'tools',
      password: secret('grafana'),
      secretKey: secret('grafana key'),
      held,
      hmac,
    }),
    ['tools'],
  ],
}

for (const [name, [ops, external]] of Object.entries(roles)) {
  const stack = ops.find(({ kind }) => kind === 'stack') as Operation
  test(`${name}: its compose file and configs`, () =>
    assertGolden(`${name}.yml`, renderDeployment(stack, external)))
  test(`${name}: no value of a secret is in its scripts`, () => {
    for (const { probe } of ops) assert.not.match(probe.text, /the value of/)
    assert.not.match(renderDeployment(stack, external), /the value of/)
  })
  test(`${name}: every service says where its memory ends, and works without IPVS`, () => {
    const { services } = parse(renderDeployment(stack, external).split('---\n')[0] as string)
    for (const [of, service] of Object.entries<{
      deploy: { endpoint_mode: string; resources: { limits: { memory: string } } }
    }>(services)) {
      assert.is(service.deploy.endpoint_mode, 'dnsrr', of)
      assert.ok(service.deploy.resources.limits.memory, of)
    }
  })
  test(`${name}: it is asked whether it answers, after its stack`, () => {
    const last = ops.filter(({ kind }) => kind !== 'portainer.environment').slice(-2)
    assert.equal(
      last.map(({ kind }) => kind),
      ['stack', 'http.answers'],
    )
    assert.match(last.at(-1)?.name ?? '', new RegExp(`^https://${name}\\.${domain}/`))
  })
}

test('portainer is asked for its environment, unless it is a stand-in', () => {
  const [ops] = roles['portainer'] as (typeof roles)[string]
  assert.is(ops.at(-1)?.id, 'portainer.environment tcp://tasks.agent:9001')
})

test('nobody but the proxies and the agent of the console holds the socket of Docker', () => {
  const holders = Object.entries(roles).flatMap(([name, [ops, external]]) => {
    const stack = ops.find(({ kind }) => kind === 'stack') as Operation
    const { services } = parse(renderDeployment(stack, external).split('---\n')[0] as string)
    return Object.entries<{ volumes?: { source?: string }[] }>(services).flatMap(([of, service]) =>
      (service.volumes ?? []).some(({ source }) => source === '/var/run/docker.sock')
        ? [`${name}.${of}`]
        : [],
    )
  })
  assert.equal(holders, ['traefik.socket', 'portainer.agent', 'loki.socket'])
})

const configsOf = (name: string): string[] => {
  const [ops, external] = roles[name] as (typeof roles)[string]
  return renderDeployment(ops.find(({ kind }) => kind === 'stack') as Operation, external)
    .split('---\n')
    .slice(1)
}
test('the configuration files are YAML, and say what matters', () => {
  const [traefikFile = ''] = configsOf('traefik')
  const config = parse(traefikFile)
  assert.is(config.providers.swarm.refreshSeconds, 2)
  assert.is(config.providers.swarm.exposedByDefault, false)
  assert.is(config.certificatesResolvers.acme.acme.caServer, 'https://10.0.0.2:14000/dir')
  assert.is(config.certificatesResolvers.acme.acme.keyType, 'EC256')
  const lokiFile = parse(configsOf('loki')[0] ?? '')
  assert.is(lokiFile.limits_config.retention_period, '744h')
  assert.is(lokiFile.compactor.delete_request_store, 'filesystem')
  assert.is(parse(configsOf('grafana')[0] ?? '').datasources[0].uid, 'loki')
})

test('the dashboard asks the data source that is provisioned', () => {
  const dashboard = JSON.parse(configsOf('grafana')[2] ?? '{}')
  assert.equal(
    [
      ...new Set(
        dashboard.panels.map((panel: { datasource: { uid: string } }) => panel.datasource.uid),
      ),
    ],
    ['loki'],
  )
})

test('without an own ACME server it is Let’s Encrypt', () => {
  const ops = traefik({
    image: 'traefik:v3.7.11',
    socketProxy: 'nginx:1.30',
    domain,
    acme: { email: 'a@b.c' },
    networks: ['proxy'],
    users: { brd: secret('tools') },
    hmac,
  })
  const text = renderDeployment(ops.find(({ kind }) => kind === 'stack') as Operation, ['proxy'])
  assert.not.match(text, /caServer|LEGO_CA/)
  assert.ok(parse(text.split('---\n')[1] ?? '').certificatesResolvers.acme.acme.httpChallenge)
})

test.run()
