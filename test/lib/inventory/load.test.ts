import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadInventory } from '../../../lib/inventory/load.ts'
import { requireSettings } from '../../../lib/inventory/require-settings.ts'
import { baseSettings } from '../../../roles/base/settings.ts'
import { environmentSettings } from '../../../roles/environment/settings.ts'
import { lokiSettings } from '../../../roles/loki/settings.ts'
import { findManagers, swarmSettings } from '../../../roles/swarm/settings.ts'
import { traefikSettings } from '../../../roles/traefik/settings.ts'
import { renderManyHosts } from '../../../scripts/bench/many-hosts.ts'
import { all, complaints, inventory, sample, schema } from './sample.ts'

const web = `${all}clusters:\n  web:\n    domain: web.example\n    servers:\n`

const ansibles = 'hosts.yaml: this is an inventory of Ansible'

const rows: Record<string, [text: string, ...problems: string[]]> = {
  'a sound file': [sample],
  'an empty file': ['', 'hosts.yaml:1:1: the inventory: expected a map, not empty'],
  'a file of text': ['hello', 'hosts.yaml:1:1: the inventory: expected a map, not "hello"'],
  'broken YAML, all of it': [
    'clusters:\n  a: {b: [}\n',
    'hosts.yaml:2:11: Flow sequence in block collection must be sufficiently indented and end with a ]',
    'hosts.yaml:2:12: Flow map in block collection must be sufficiently indented and end with a }',
  ],
  'a key that is there twice': [
    `${web}      a: {address: 192.0.2.1}\n      a: {address: 192.0.2.2}\n`,
    'hosts.yaml:7:7: "a" is there twice',
  ],
  'a number for a name: it would be the first server, whatever the order': [
    `${web}      b: {address: 192.0.2.1}\n      2: {address: 192.0.2.2}\n`,
    'hosts.yaml:7:7: clusters.web.servers.2: is a number, and not a name: put letters before it, such as web1',
  ],
  'a misspelt key, told once and not as missing too': [
    `${web}      a:\n        adress: 192.0.2.1\n`,
    'hosts.yaml:7:9: clusters.web.servers.a.adress: unknown key; did you mean "address"?',
  ],
  'an inventory of Ansible, in YAML': [
    'all:\n  vars:\n    a: 1\n  children:\n    web:\n      hosts:\n        a.example:\n',
    ansibles,
  ],
  'one with a group at its root': ['web:\n  hosts:\n    a.example:\n', ansibles],
  'one in INI': ['# ours\n[web:children]\na.example ansible_host=192.0.2.1\n', ansibles],
  'clusters misspelt, and environments on their servers': [
    `${web.replace('clusters', 'cluster')}      a: {address: 192.0.2.1}\nenvironments:\n  stage: {server: a, hosts: [a.example], bucket: {name: some-assets}}\n`,
    'hosts.yaml:2:1: cluster: unknown key; did you mean "clusters"?',
  ],
  'an environment misspelt too, with hosts as Ansible has them': [
    `${all}cluster: {}\nenviroments:\n  stage:\n    server: a\n    hosts:\n      - a.example\n`,
    'hosts.yaml:2:1: cluster: unknown key; did you mean "clusters"?',
    'hosts.yaml:3:1: enviroments: unknown key; did you mean "environments"?',
  ],
  'a group of Ansible that is named like a key of ours': [
    'dbservers:\n  hosts:\n    a.example:\n',
    ansibles,
  ],
  'a file of ours without clusters': [
    `${all}environments:\n  stage:\n    server: a\n    hosts:\n      - a.example\n`,
    'hosts.yaml:1:1: the inventory: has no servers',
    'hosts.yaml:4:13: environments.stage.server: there is no server a',
  ],
  'a misspelt key at the root': [
    `${all}cluster: {}\n`,
    'hosts.yaml:2:1: cluster: unknown key; did you mean "clusters"?',
  ],
  'a key like no other': [
    `${web}      a: {address: 192.0.2.1, zzzzzz: 1}\n`,
    'hosts.yaml:6:31: clusters.web.servers.a.zzzzzz: unknown key',
  ],
  'a missing key': [
    `${web}      a: {}\n`,
    'hosts.yaml:6:7: clusters.web.servers.a.address: is missing',
  ],
  'an address of too big numbers': [
    `${web}      a: {address: 192.0.2.300}\n`,
    'hosts.yaml:6:20: clusters.web.servers.a.address: "192.0.2.300" is neither an IP address nor a DNS name',
  ],
  'a number as text': [
    `${web}      a: {address: 192.0.2.1, port: "22"}\n`,
    'hosts.yaml:6:37: clusters.web.servers.a.port: expected a number, not "22"',
  ],
  'a port that is none': [
    `${web}      a: {address: 192.0.2.1, port: 70000}\n`,
    'hosts.yaml:6:37: clusters.web.servers.a.port: 70000 is not a port (1 to 65535)',
  ],
  'a network of too many bits': [
    `${web}      a: {address: 192.0.2.1, firewall: {admin: [10.0.0.0/33]}}\n`,
    'hosts.yaml:6:50: clusters.web.servers.a.firewall.admin[0]: "10.0.0.0/33" is not a network such as 192.0.2.0/24 (a single address is 192.0.2.7/32)',
  ],
  'a firewall that lets nobody in': [
    `${web}      a: {address: 192.0.2.1, firewall: {admin: []}}\n`,
    'hosts.yaml:6:49: clusters.web.servers.a.firewall.admin: is empty: nobody could log in',
  ],
  'a time zone that is none': [
    `${web}      a: {address: 192.0.2.1, timezone: Europe/Moskow}\n`,
    'hosts.yaml:6:41: clusters.web.servers.a.timezone: "Europe/Moskow" is not a time zone of the IANA database, such as Europe/Moscow',
  ],
  'a package that is none': [
    `${web}      a: {address: 192.0.2.1, engine: {package: docker.oi}}\n`,
    'hosts.yaml:6:49: clusters.web.servers.a.engine.package: must be one of docker-ce, docker.io; did you mean "docker.io"?',
  ],
  'an image without a tag': [
    `${web}      a: {address: 192.0.2.1, images: {loki: grafana/loki}}\n`,
    'hosts.yaml:6:46: clusters.web.servers.a.images.loki: "grafana/loki" is not an image with a tag or a digest, such as traefik:3.7',
  ],
  'an image by its tag and its digest, of a registry or carried': [
    `${web}      a: {address: 192.0.2.1, app: {images: {app: 'registry.example:5000/shop:V1@sha256:${'a'.repeat(64)}', walg: 'localhost/walg:3@sha256:${'b'.repeat(64)}'}}}\n`,
  ],
  'half a digest': [
    `${web}      a: {address: 192.0.2.1, app: {images: {app: 'shop:v1@sha256:abc'}}}\n`,
    'hosts.yaml:6:51: clusters.web.servers.a.app.images.app: "shop:v1@sha256:abc" is not an image with a tag or a digest, such as traefik:3.7',
  ],
  'a misspelt key of the registry': [
    `${web}      a: {address: 192.0.2.1, app: {registry: {adress: registry.example}}}\n`,
    'hosts.yaml:6:48: clusters.web.servers.a.app.registry.adress: unknown key; did you mean "address"?',
  ],
  'a registry with its path': [
    `${web}      a: {address: 192.0.2.1, app: {registry: {address: 'https://registry.example/shop'}}}\n`,
    'hosts.yaml:6:57: clusters.web.servers.a.app.registry.address: "https://registry.example/shop" is not the host of a registry alone: no https://, no path',
  ],
  'a registry that Docker would take for a name on Docker Hub': [
    `${web}      a: {address: 192.0.2.1, app: {registry: {address: localhost}}}\n`,
    'hosts.yaml:6:57: clusters.web.servers.a.app.registry.address: "localhost" is not the host of a registry, such as registry.example or registry.example:5000',
  ],
  'an argument of a build that is none': [
    `${web}      a: {address: 192.0.2.1, app: {build: {context: ../shop, arguments: {a-b: x}}}}\n`,
    'hosts.yaml:6:75: clusters.web.servers.a.app.build.arguments.a-b: is not the name of an argument of a build',
  ],
  'a private key in the place of a public one, which is not repeated': [
    `${web}      a: {address: 192.0.2.1, operators: {bob: {keys: ["-----BEGIN OPENSSH PRIVATE KEY----- abc"]}}}\n`,
    'hosts.yaml:6:56: clusters.web.servers.a.operators.bob.keys[0]: "…" is a PRIVATE key: take it out of this file, give the .pub line',
  ],
  'a server that is empty': [
    `${web}      a:\n`,
    'hosts.yaml:6:9: clusters.web.servers.a: expected a map, not empty',
  ],
  'a cluster without servers': [
    `${all}clusters:\n  web: {domain: web.example, servers: {}}\n`,
    'hosts.yaml:3:39: clusters.web.servers: is empty: a cluster needs a server',
  ],
  'a name that a pattern could not say': [
    `${web}      "a:b": {address: 192.0.2.1}\n`,
    'hosts.yaml:6:7: clusters.web.servers.a:b: is not a name: letters, digits, dots, dashes and underscores',
  ],
  'a host named all': [
    `${web}      all: {address: 192.0.2.1}\n`,
    'hosts.yaml:6:7: clusters.web.servers.all: "all" means every host in a pattern; choose another name',
  ],
  'a host named like its cluster': [
    `${web}      web: {address: 192.0.2.1}\n`,
    'hosts.yaml:6:7: clusters.web.servers.web: a server named like the cluster at clusters.web; a pattern could mean either',
  ],
  'two hosts with one address': [
    `${web}      a: {address: 192.0.2.1}\n      b: {address: 192.0.2.1}\n`,
    'hosts.yaml:7:20: clusters.web.servers.b.address: 192.0.2.1 is the address of a too',
  ],
  'two hosts behind one address, by port': [
    `${web}      a: {address: 192.0.2.1}\n      b: {address: 192.0.2.1, port: 2222}\n`,
  ],
  'one address, with the port of sshd and without': [
    `${web}      a: {address: 192.0.2.1}\n      b: {address: 192.0.2.1, port: 22}\n`,
    'hosts.yaml:7:20: clusters.web.servers.b.address: 192.0.2.1 is the address of a too',
  ],
  'one address, with the port of the cluster and written': [
    `${all}servers: {a: {address: 192.0.2.1, port: 2222}}\nclusters:\n  web: {port: 2222, domain: web.example, servers: {b: {address: 192.0.2.1}}}\n`,
    'hosts.yaml:2:24: servers.a.address: 192.0.2.1 is the address of b too',
  ],
  'one address behind two ports, of a cluster and of none': [
    `${all}servers: {a: {address: 192.0.2.1}}\nclusters:\n  web: {port: 2222, domain: web.example, servers: {b: {address: 192.0.2.1}}}\n`,
  ],
  'one name of DNS in two spellings': [
    `${web}      a: {address: db.example}\n      b: {address: DB.Example}\n`,
    'hosts.yaml:7:20: clusters.web.servers.b.address: DB.Example is the address of a too, as db.example',
  ],
  'one address of IPv6 in two spellings': [
    `${web}      a: {address: '2001:db8::1'}\n      b: {address: '2001:DB8:0:0::0:1'}\n`,
    'hosts.yaml:7:20: clusters.web.servers.b.address: 2001:DB8:0:0::0:1 is the address of a too, as 2001:db8::1',
  ],
  'an address of IPv4, and the same one inside IPv6': [
    `${web}      a: {address: '::ffff:192.0.2.1'}\n      b: {address: 192.0.2.1}\n`,
    'hosts.yaml:7:20: clusters.web.servers.b.address: 192.0.2.1 is the address of a too, as ::ffff:192.0.2.1',
  ],
  'a group named like its cluster': [
    `${web}      a: {address: 192.0.2.1, groups: [edge, web]}\n`,
    'hosts.yaml:6:46: clusters.web.servers.a.groups[1]: a group named like the cluster at clusters.web; a pattern could mean either',
  ],
  'a group named like a server': [
    `${web}      a: {address: 192.0.2.1}\n      b: {address: 192.0.2.2, groups: [a]}\n`,
    'hosts.yaml:7:40: clusters.web.servers.b.groups[0]: a group named like the server at clusters.web.servers.a; a pattern could mean either',
  ],
  'a group named like an environment': [
    `${web}      a: {address: 192.0.2.1, groups: [e]}\nenvironments:\n  e: {server: a, hosts: [e.example]}\n`,
    'hosts.yaml:6:40: clusters.web.servers.a.groups[0]: a group named like the environment at environments.e; a pattern could mean either',
  ],
  'one host in two clusters': [
    `${web}      a: {address: 192.0.2.1}\n  db: {domain: db.example, servers: {a: {address: 192.0.2.2}}}\n`,
    'hosts.yaml:7:38: clusters.db.servers.a: a server named like the server at clusters.web.servers.a; a pattern could mean either',
  ],
  'two clusters with one domain': [
    `${web}      a: {address: 192.0.2.1}\n  db: {domain: web.example, servers: {b: {address: 192.0.2.2}}}\n`,
    'hosts.yaml:7:16: clusters.db.domain: web.example is the domain of web too',
  ],
  'two clusters with one domain in two spellings': [
    `${web}      a: {address: 192.0.2.1}\n  db: {domain: Web.example, servers: {b: {address: 192.0.2.2}}}\n`,
    'hosts.yaml:7:16: clusters.db.domain: Web.example is the domain of web too',
  ],
  'an environment with the host name of a tool, whose domain is in upper case': [
    `${web.replace('web.example', 'Web.Example')}      a: {address: 192.0.2.1}\nenvironments:\n  e: {server: a, hosts: [grafana.web.example]}\n`,
    'hosts.yaml:8:26: environments.e.hosts[0]: grafana.web.example belongs to the tools of web already',
  ],
  'managers that stand no failure': [
    `${web}      a: {address: 192.0.2.1, manager: true}\n      b: {address: 192.0.2.2, manager: true}\n`,
    'hosts.yaml:5:5: clusters.web.servers: 2 managers stand no more failures than 1; an odd number is needed',
  ],
  'no manager': [
    `${web}      a: {address: 192.0.2.1, manager: false}\n`,
    'hosts.yaml:5:5: clusters.web.servers: none is a manager; a swarm needs one',
  ],
  'an address inside the overlay networks': [
    `${web}      a: {address: 10.65.0.1}\n`,
    "hosts.yaml:6:20: clusters.web.servers.a.address: 10.65.0.1 lies in the swarm's pool 10.64.0.0/14; overlay networks would hide it",
  ],
  'a setting among the free variables': [
    `${web}      a: {address: 192.0.2.1, vars: {timezone: x}}\n`,
    'hosts.yaml:6:38: clusters.web.servers.a.vars.timezone: "timezone" is a setting: write it beside vars, not inside',
  ],
  'a cluster without any setting': ['clusters:\n  web: {servers: {a: {address: 192.0.2.1}}}\n'],
  'servers without a cluster': ['servers: {a: {address: 192.0.2.1}}\n'],
  'a misspelt key of a server without a cluster': [
    'servers: {a: {adress: 192.0.2.1}}\n',
    'hosts.yaml:1:15: servers.a.adress: unknown key; did you mean "address"?',
  ],
  'one host with a cluster and without': [
    'servers: {a: {address: 192.0.2.1}}\nclusters: {web: {servers: {a: {address: 192.0.2.2}}}}\n',
    'hosts.yaml:1:11: servers.a: a server named like the server at clusters.web.servers.a; a pattern could mean either',
  ],
  'an environment on a server that there is not': [
    `${web}      infra-stage: {address: 192.0.2.1}\nenvironments:\n  e: {server: infra-stag, hosts: [e.example]}\n`,
    'hosts.yaml:8:15: environments.e.server: there is no server infra-stag; did you mean "infra-stage"?',
  ],
  'two environments with one host name': [
    `${web}      a: {address: 192.0.2.1}\nenvironments:\n  e: {server: a, hosts: [e.example]}\n  f: {server: a, hosts: [E.example]}\n`,
    'hosts.yaml:9:26: environments.f.hosts[0]: e.example belongs to e already',
  ],
  'an environment with the host name of a tool': [
    `${web}      a: {address: 192.0.2.1}\nenvironments:\n  e: {server: a, hosts: [grafana.web.example]}\n`,
    'hosts.yaml:8:26: environments.e.hosts[0]: grafana.web.example belongs to the tools of web already',
  ],
  'several errors at once, in the order of the file': [
    `${web}      a: {adress: 192.0.2.1}\n      b: {address: 192.0.2.2, port: 0}\n      c: {address: 192.0.2.2}\nenvironments:\n  e: {server: d, hosts: []}\n`,
    'hosts.yaml:6:11: clusters.web.servers.a.adress: unknown key; did you mean "address"?',
    'hosts.yaml:7:37: clusters.web.servers.b.port: 0 is not a port (1 to 65535)',
    'hosts.yaml:10:15: environments.e.server: there is no server d',
    'hosts.yaml:10:25: environments.e.hosts: is empty: an environment needs a host name',
  ],
  'an error behind an alias': [
    `${web}      a: &a {address: 192.0.2.1, port: 0}\n      b: {<<: *a, address: 192.0.2.2, port: 22}\n`,
    'hosts.yaml:6:40: clusters.web.servers.a.port: 0 is not a port (1 to 65535)',
  ],
}

for (const [name, [text, ...problems]] of Object.entries(rows)) {
  test(name, async () => {
    assert.equal(await complaints(() => inventory(text)), problems)
  })
}

test('a variable beside vars: where it belongs', async () => {
  const found = await Promise.resolve()
    .then(() =>
      inventory(`all: {app_port: 80}\n${web.replace(all, '')}      a: {address: 192.0.2.1}\n`),
    )
    .catch((error: Error) => error.message)
  assert.match(
    String(found),
    /^hosts\.yaml:1:7: all\.app_port: unknown key\n {2}A variable of your own .* below vars: /,
  )
})

test('a long file without a known key at its root is read in linear time', async () => {
  const nested = Array.from({ length: 5000 }, (_, i) => `  ${' '.repeat(i % 7)}key${i}:\n`)
  const begun = performance.now()
  const found = await complaints(() => inventory(`cluster:\n${nested.join('')}  last: 1\n`))
  assert.ok(found.length > 0)
  assert.ok(performance.now() - begun < 5000, 'a file of 5,000 lines takes less than five seconds')
})

test('hosts know their cluster, groups and how to reach them', () => {
  const { hosts, clusters, environments } = inventory(sample)
  const [web1, web3] = [hosts.get('web1')!, hosts.get('web3')!]
  assert.equal(web1.groups, ['all', 'web', 'stage', 'edge'])
  assert.equal([web1.address, web1.port, web1.user, web1.sudo], ['192.0.2.1', 22, 'root', false])
  assert.equal([web3.user, web3.sudo], ['deploy', true])
  assert.equal(findManagers(web1.cluster.hosts), [web1])
  assert.is(web1.cluster, clusters.get('web'))
  assert.is(web1.cluster.hosts[0], web1)
  assert.is(environments.get('live')!.cluster.title, 'db')
  assert.equal(environments.get('live')!.vars.bucket, {
    name: 'live-assets',
    region: 'us-east-1',
  })
})

test('only the settings of played roles are required, all of them in one error', async () => {
  const { clusters, environments } = inventory(
    'clusters:\n  web:\n    servers: {a: {address: 192.0.2.1}, b: {address: 192.0.2.2}}\nenvironments:\n  e: {server: a}\n',
  )
  const { hosts } = clusters.get('web')!
  requireSettings(hosts, [swarmSettings])
  assert.equal(await complaints(() => requireSettings(hosts, [baseSettings, traefikSettings])), [
    'hosts.yaml:2:3: clusters.web: firewall.admin is required by the role base',
    'hosts.yaml:2:3: clusters.web: domain is required by the role traefik',
    'hosts.yaml:2:3: clusters.web: acme.email is required by the role traefik',
    'hosts.yaml:2:3: clusters.web: images.traefik is required by the role traefik',
  ])
  const environment = environments.get('e')!
  assert.equal(await complaints(() => requireSettings([environment], [environmentSettings])), [
    'hosts.yaml:5:3: environments.e: hosts is required by the role environment',
    'hosts.yaml:5:3: environments.e: bucket.name is required by the role environment',
    'hosts.yaml:5:3: environments.e: backups.bucket.name is required by the role environment',
  ])
})

test('reading a missing setting throws an error with its place', async () => {
  const { hosts } = inventory('servers: {a: {address: 192.0.2.1, images: {loki: "l:1"}}}\n')
  const { vars } = hosts.get('a')!
  assert.is(vars.images.loki, 'l:1')
  assert.is(vars.acme.server, 'https://acme-v02.api.letsencrypt.org/directory')
  assert.equal(await complaints(() => vars.acme.email), [
    'hosts.yaml:1:11: servers.a: acme.email is required by the role traefik',
  ])
  assert.equal(await complaints(() => requireSettings([hosts.get('a')!], [lokiSettings])), [
    'hosts.yaml:1:11: servers.a: images.alloy is required by the role loki',
  ])
})

test('servers without a cluster are in all and in their own groups', () => {
  const { hosts, clusters, groups } = inventory(
    'servers:\n  a: {address: 192.0.2.1, groups: [web]}\n  b: {address: 192.0.2.2}\n',
  )
  assert.equal([hosts.get('a')!.groups, hosts.get('b')!.groups], [['all', 'web'], ['all']])
  assert.equal([clusters.size, [...groups.keys()]], [0, ['web']])
  assert.is(hosts.get('a')!.vars.port, 22)
})

test('without settings.ts only the keys of the runner are known', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'brd-inventory-'))
  try {
    const path = join(folder, 'hosts.yaml')
    await writeFile(path, 'servers: {a: {address: 192.0.2.1, timezone: Etc/UTC, prt: 22}}\n')
    assert.equal(await complaints(() => loadInventory(path)), [
      `${path}:1:35: servers.a.timezone: unknown key`,
      `${path}:1:54: servers.a.prt: unknown key; did you mean "port"?`,
    ])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a file that is not there, and computed inventories', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'brd-inventory-'))
  try {
    const [yaml, object, fn, none] = ['hosts.yaml', 'object.ts', 'function.ts', 'none.ts'].map(
      name => join(folder, name),
    ) as [string, string, string, string]
    assert.equal(await complaints(() => loadInventory(yaml)), [`${yaml}: there is no such file`])
    await writeFile(yaml, sample)
    await writeFile(join(folder, 'package.json'), '{"type": "module"}')
    await writeFile(
      object,
      'export default { clusters: { web: { servers: { a: { adress: "192.0.2.1" } } } } }',
    )
    await writeFile(
      fn,
      'export default async base => ({ ...base, clusters: { ...base.clusters, third: { domain: "t.example", servers: { t: { address: "192.0.2.99" } } } } })',
    )
    await writeFile(none, 'export const hosts = {}')
    assert.equal(await complaints(() => loadInventory(object)), [
      `${object}: clusters.web.servers.a.adress: unknown key; did you mean "address"?`,
    ])
    assert.equal([...(await loadInventory(fn, { schema })).clusters.keys()], ['web', 'db', 'third'])
    assert.equal(await complaints(() => loadInventory(none)), [`${none}: has no default export`])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the inventory that bench measures is a sound one', () => {
  const { hosts, clusters } = inventory(renderManyHosts(250))
  assert.equal([hosts.size, clusters.size, clusters.get('rack3')!.hosts.length], [250, 3, 50])
})

test.run()
