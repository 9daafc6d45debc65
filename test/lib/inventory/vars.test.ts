import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readExtraLayer } from '../../../lib/inventory/extra-vars.ts'
import type { Inventory } from '../../../lib/inventory/inventory.ts'
import { parseInventory } from '../../../lib/inventory/load.ts'
import { makeLabOverlay, type Overlay } from '../../../lib/inventory/overlay.ts'
import { explainVariable, formatReason } from '../../../lib/inventory/why.ts'
import { parseYaml } from '../../../lib/inventory/yaml.ts'
import { inLab } from '../../../settings.ts'
import { complaints, schema } from './sample.ts'

const text = `all:
  timezone: Etc/GMT+1
  acme: {email: a@b.example}
  firewall: {admin: [192.0.2.0/24]}
  images: {traefik: 't:1', portainer: 'p:1', agent: 'a:1', loki: 'l:1', alloy: 'a:1', grafana: g:1}
  engine: {version: 5:29.7.2}
  vars: {level: all, list: [1, 2], map: {a: 1}, on: true, count: 3, top: all}
clusters:
  web:
    domain: web.example
    timezone: Etc/GMT+2
    images: {loki: 'l:2'}
    vars: {level: cluster, map: {b: 2}}
    servers:
      web1:
        address: 192.0.2.1
        timezone: Etc/GMT+3
        user: deploy
        images: {grafana: 'g:3'}
        vars: {level: server}
      web2: {address: 192.0.2.2}
  db: {domain: db.example, servers: {db1: {address: 192.0.2.3}}}
environments:
  stage: {server: web1, hosts: [stage.example], timezone: Etc/GMT+4, vars: {level: environment}}
`
const source = parseYaml(text, 'hosts.yaml')
const withExtra = async (extra: string[], overlay?: Overlay): Promise<Inventory> =>
  parseInventory(source, { schema, overlay, extra: await readExtraLayer(extra, source, schema) })
const value = async (question: string, extra: string[] = [], overlay?: Overlay) =>
  explainVariable(await withExtra(extra, overlay), question).value

const lab = {
  hosts: { web1: { address: '172.30.0.2', port: 2222, user: 'root' } },
  key: '/lab/key',
  knownHosts: '/lab/known_hosts',
  acme: { server: 'https://172.30.0.9:14000/dir', ca: '/lab/ca.pem' },
  mirror: 'http://172.30.0.9:5000',
  network: { subnet: '172.30.0.0/24' },
}

const rows: Record<string, [question: string, expected: unknown, extra?: string[]]> = {
  'the default': ['web1.port', 22],
  'all over the default': ['db1.timezone', 'Etc/GMT+1'],
  'a cluster over all': ['web2.timezone', 'Etc/GMT+2'],
  'a server over its cluster': ['web1.timezone', 'Etc/GMT+3'],
  'an environment over its server': ['stage.timezone', 'Etc/GMT+4'],
  '-e over everything of the file': ['stage.timezone', 'UTC', ['timezone=UTC']],
  'a later -e over an earlier': ['web1.level', 'two', ['level=one', 'level=two']],
  'free variables by the same order': ['stage.level', 'environment'],
  'the map of a setting key by key': [
    'web1.images',
    {
      traefik: 't:1',
      socketProxy: 'nginx:1.30',
      portainer: 'p:1',
      agent: 'a:1',
      loki: 'l:2',
      alloy: 'a:1',
      grafana: 'g:3',
    },
  ],
  'a free map whole': ['web1.map', { b: 2 }],
  'a number for a number': ['web1.count', 7, ['count=7']],
  'a switch for a switch': ['web1.on', false, ['on=false']],
  'text for text that looks like a number': ['web1.level', '1.10', ['level=1.10']],
  'a switch in the words of others': ['web1.on', false, ['on=False']],
  'a switch that nobody sets': ['web1.sudo', false, ['sudo=Off']],
  'another switch that nobody sets': ['web1.manager', true, ['manager=yes']],
  'numbers for a list of numbers': ['web1.list', [80, 443], ['list=80,443']],
  'no list for a list': ['web1.list', [], ['list=']],
  'a list for a list': ['web1.list', ['a', 'b'], ['list=a,b']],
  'several in one, with quotes': ['web1.level', 'two words', ['count=1 level="two words" on=true']],
  'a key of a setting by its dots': [
    'web1.acme',
    { server: 'https://acme-v02.api.letsencrypt.org/directory', email: 'x@y.example' },
    ['acme.email=x@y.example'],
  ],
  JSON: ['web1.logs', { days: 5, size: '20m', files: 5 }, ['{"logs": {"days": 5}}']],
  'an address': ['web2.address', '192.0.2.2'],
}
for (const [name, [question, expected, extra]] of Object.entries(rows)) {
  test(name, async () => assert.equal(await value(question, extra), expected))
}

const refused: Record<string, [extra: string, problem: string]> = {
  'an unknown variable': ['levle=1', '-e: no variable is named levle; did you mean "level"?'],
  'a value that no setting takes': [
    'timezone=Mars',
    '-e: timezone: "Mars" is not a time zone of the IANA database, such as Europe/Moscow',
  ],
  'an unknown key of a setting': [
    'logs.dais=1',
    '-e: logs.dais: unknown key; did you mean "days"?',
  ],
  'a number that would be rounded': [
    'count=9007199254740993',
    '-e: count: "9007199254740993" must be a number, like the value before',
  ],
  'a number that would lose its zero': [
    'count=0644',
    '-e: count: "0644" must be a number, like the value before',
  ],
  'a number that is written in another way': [
    'count=0x10',
    '-e: count: "0x10" must be a number, like the value before',
  ],
  'a text for a number': [
    'count=four',
    '-e: count: "four" must be a number, like the value before',
  ],
  'a text for a switch': ['on=0', '-e: on: "0" must be true or false, like the value before'],
  'a text for a map': ['map=x', '-e: map: "x" must be a map, like the value before'],
  'no pair': ['level', '-e: "level" is not a name=value pair'],
  'a quote that does not end': ['level="x', '-e: "level="x" is not a name=value pair'],
  'broken JSON': ['{"level": ', '-e:1:10: Flow map must end with a }'],
  'a file that is not there': ['@/nowhere.yaml', '-e @/nowhere.yaml: there is no such file'],
}
for (const [name, [extra, problem]] of Object.entries(refused)) {
  test(`-e refuses ${name}`, async () =>
    assert.equal(await complaints(() => withExtra([extra])), [problem]))
}

test('the lab replaces what would reach a real server, and wins over -e', async () => {
  const { hosts, clusters, environments } = await withExtra(
    ['user=someone'],
    makeLabOverlay(lab, inLab(lab)),
  )
  assert.equal([...hosts.keys()], ['web1'])
  const web1 = hosts.get('web1')!
  assert.equal([web1.address, web1.port, web1.user, web1.sudo], ['172.30.0.2', 2222, 'root', false])
  assert.equal([web1.identityFile, web1.knownHosts], ['/lab/key', '/lab/known_hosts'])
  assert.equal(web1.vars.acme, { email: 'a@b.example', ...lab.acme })
  assert.equal(
    web1.vars.engine,
    { package: 'docker.io', mirrors: [lab.mirror] },
    'the version is of another package',
  )
  assert.equal(web1.vars.firewall.admin, ['172.30.0.0/24'])
  assert.equal(clusters.get('web')!.vars.engine, web1.vars.engine)
  assert.is(environments.get('stage')!.vars.engine.package, 'docker.io')
  assert.is(environments.get('stage')!.vars.timezone, 'Etc/GMT+4')
})

test('an environment on a server that the lab has not is left out with it', async () => {
  const { environments, absent } = await withExtra(
    [],
    makeLabOverlay({ ...lab, hosts: {} }, inLab(lab)),
  )
  assert.equal(
    [environments.size, [...absent.names], absent.overlay],
    [0, ['web1', 'web2', 'db1'], 'lab'],
  )
})

test('why: the value, where it is written, and all it overrode', async () => {
  const inventory = await withExtra(['timezone=UTC'], makeLabOverlay(lab, inLab(lab)))
  assert.is(
    formatReason(explainVariable(inventory, 'stage.timezone')),
    `stage.timezone = UTC
  set by       -e                                    UTC
  overrode     hosts.yaml:24:59 (environment stage)  Etc/GMT+4
  overrode     hosts.yaml:17:19 (server web1)        Etc/GMT+3
  overrode     hosts.yaml:11:15 (cluster web)        Etc/GMT+2
  overrode     hosts.yaml:2:13 (all)                 Etc/GMT+1
  overrode     default                               Etc/UTC`,
  )
})

test('why: free variables, keys of maps, and the lab as a place', async () => {
  const inventory = await withExtra([], makeLabOverlay(lab, inLab(lab)))
  const places = (question: string) =>
    explainVariable(inventory, question).settings.map(({ place }) => place)
  assert.equal(places('stage.level'), [
    'hosts.yaml:24:84',
    'hosts.yaml:20:23',
    'hosts.yaml:13:19',
    'hosts.yaml:7:17',
  ])
  assert.equal(places('web1.images.loki'), ['hosts.yaml:12:20', 'hosts.yaml:5:66'])
  assert.equal(places('web1.address'), ['lab', 'hosts.yaml:16:18'])
})

test('why: what is asked wrongly', async () => {
  const inventory = await withExtra([])
  const asked = (question: string) => complaints(() => explainVariable(inventory, question))
  assert.equal(await asked('web1.tymezone'), [
    'tymezone is not set for web1; did you mean "timezone"?',
  ])
  assert.equal(await asked('web1.acme.emial'), [
    'acme.emial is not set for web1; did you mean "email"?',
  ])
  assert.equal(await asked('wbe1.timezone'), ['nothing is named "wbe1"; did you mean "web1"?'])
  assert.equal(await asked('stag.timezone'), ['nothing is named "stag"; did you mean "stage"?'])
  assert.equal(await asked('web1'), ['web1 needs a variable'])
})

test.run()
