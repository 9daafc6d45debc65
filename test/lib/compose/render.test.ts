import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import type { Compose } from '../../../lib/compose/compose.ts'
import { renderCompose } from '../../../lib/compose/render.ts'

const none = { configs: {}, secrets: {} }
const minimal = (environment: Record<string, string>): Compose => ({
  services: {
    web: {
      image: 'nginx:1.30',
      environment,
      networks: ['inner'],
      deploy: { endpoint_mode: 'dnsrr' },
    },
  },
  networks: { inner: {} },
})
const readBack = (file: string, version: '1.1' | '1.2') =>
  parse(file, { version, merge: version === '1.1' }).services.web.environment

const traps = [
  'on',
  'yes',
  'n',
  'NO',
  '~',
  'null',
  '',
  '22:22',
  '12:30:45',
  '-1:30',
  '190:20:30.15',
  '010',
  '0o7',
  '0x1f',
  '1_000',
  '1e3',
  '.inf',
  '=',
  '<<',
  '- a',
  'a: b',
  '#x',
  ' x ',
  '*a',
  '&a',
  '!t',
  '%x',
  '@x',
  '`x`',
  "it's",
  '"q"',
  'two\nlines',
  'tab\there',
  '2001-01-01',
  '{a}',
  '[b]',
  '?',
  '|',
  '>',
  'ключ',
  '\\n',
  '{{.Node.Hostname}}',
]
for (const value of traps)
  test(`a YAML 1.1 and a 1.2 reader read back ${JSON.stringify(value)}`, () => {
    const file = renderCompose(minimal({ KEY: value }), none)
    assert.equal(readBack(file, '1.1'), { KEY: value })
    assert.equal(readBack(file, '1.2'), { KEY: value })
  })

for (const key of ['on', 'y', 'NO', '<<', '=', '1', '1:30', 'null'])
  test(`a key that is ${key} stays text`, () => {
    const file = renderCompose(minimal({ [key]: 'x' }), none)
    assert.equal(readBack(file, '1.1'), { [key]: 'x' })
  })

test('a dollar is doubled, so that nothing is taken from an environment', () => {
  assert.equal(readBack(renderCompose(minimal({ A: '$HOME ${X}' }), none), '1.1'), {
    A: '$$HOME $${X}',
  })
})

test('the same stack renders to the same text, and another config to another specification', () => {
  const compose: Compose = {
    services: {
      web: {
        image: 'nginx:1.30',
        networks: ['inner'],
        configs: [{ source: 'site', target: '/etc/nginx/conf.d/site.conf' }],
        deploy: { endpoint_mode: 'dnsrr' },
      },
    },
    networks: {
      inner: { attachable: true, mtu: 1350, subnet: '10.1.0.0/24' },
      proxy: { external: true },
    },
    volumes: ['data'],
  }
  const at = (site: string) => renderCompose(compose, { configs: { site }, secrets: {} })
  assert.is(at('s_site_aaaaaaaaaaaa'), at('s_site_aaaaaaaaaaaa'))
  assert.not.equal(
    parse(at('s_site_aaaaaaaaaaaa')).services.web.deploy.labels,
    parse(at('s_site_bbbbbbbbbbbb')).services.web.deploy.labels,
  )
  const { services, ...rest } = parse(at('s_site_aaaaaaaaaaaa'))
  assert.equal(Object.keys(services), ['web'])
  assert.equal(rest, {
    version: '3.9',
    networks: {
      inner: {
        driver: 'overlay',
        attachable: true,
        driver_opts: { 'com.docker.network.driver.mtu': '1350' },
        ipam: { config: [{ subnet: '10.1.0.0/24' }] },
      },
      proxy: { external: true },
    },
    volumes: { data: {} },
    configs: { site: { name: 's_site_aaaaaaaaaaaa', external: true } },
  })
})

test.run()
