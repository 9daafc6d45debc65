import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Operation } from '../../lib/operation.ts'
import type { Running } from '../../lib/operations/docker/container/options.ts'
import { docker } from '../../lib/operations/docker.ts'
import { file } from '../../lib/operations/file.ts'
import { Secret } from '../../lib/secret.ts'
import {
  ensureDocker,
  formatDiff,
  readRegistry,
  assertRefused as refusedOn,
} from '../support/docker-host.ts'
import { type LabHost, openLabHost, settlesLive } from '../support/lab-host.ts'

// An image of the host's own dash, cat and sleep: no registry is asked for it, and one is given it.
const tiny = `mkdir -p /tmp/brd-data && cd / && files=$(
  for f in bin/sh bin/sleep bin/cat; do
    echo $f; ldd /$f | grep -o '/[^ ]*' | cut -c2-
  done | sort -u)
tar --create --dereference --file /tmp/brd-data/tiny.tar $files
for n in 1 2; do
  docker import --change "ENV N=$n" /tmp/brd-data/tiny.tar brd-data/tiny:$n >/dev/null
done`
const sweep = `docker ps --all --quiet --filter name=^/brd-data |
  xargs --no-run-if-empty docker rm --force >/dev/null
for n in 1 2 3; do
  docker image ls --format '{{.Repository}} {{.ID}}' | sed -n 's/.*brd-data.* //p' | sort -u |
    xargs --no-run-if-empty docker image rm --force >/dev/null 2>&1 || true
done
docker volume ls --quiet --filter name=^brd-data |
  xargs --no-run-if-empty docker volume rm >/dev/null
docker network rm brd-data >/dev/null 2>&1 || true
for kind in config secret; do
  docker $kind ls --quiet --filter name=brd-data 2>/dev/null |
    xargs --no-run-if-empty docker $kind rm >/dev/null
done
[ ! -e /tmp/brd-data/registry.pid ] || kill $(cat /tmp/brd-data/registry.pid) 2>/dev/null || true
! id brd-data >/dev/null 2>&1 || userdel --remove brd-data 2>/dev/null
rm -rf /tmp/brd-data /var/lib/brd/stamps/docker.login.brd-data.*`

let host: LabHost
let ourSwarm = false
test.before(async () => {
  host = openLabHost('infra-stage')
  await ensureDocker(host)
  host.root(
    `${sweep}\n${tiny}\ndocker tag brd-data/tiny:1 ${remote()} && docker push --quiet ${remote()} >/dev/null && docker image rm ${remote()} >/dev/null`,
  )
  ourSwarm = host.root("docker info --format '{{.Swarm.LocalNodeState}}'").trim() === 'inactive'
  if (ourSwarm) host.root(`docker swarm init --advertise-addr ${host.address} >/dev/null`)
})
test.after(async () => {
  host?.root(`${sweep}${ourSwarm ? '\ndocker swarm leave --force >/dev/null' : ''}`)
  await host?.end()
})

const settles = (
  title: string,
  make: () => readonly Operation[],
  rest?: Parameters<typeof settlesLive>[3],
) => settlesLive(() => host, title, make, rest)
const refused = (operation: Operation, why: RegExp) => refusedOn(host, operation, why)

const remote = () => `${readRegistry()}/brd-data/tiny:1` as const
settles('an image that is pulled', () => [docker.image({ name: remote() })], { kinds: ['changed'] })
settles('an image by its digest', () => {
  const digest = host
    .root(
      `docker image inspect --format '{{index .RepoDigests 0}}' ${remote()} && docker image rm ${remote()} >/dev/null`,
    )
    .trim()
  return [docker.image({ name: digest as ReturnType<typeof remote> })]
})
test('an image that its registry does not have', () =>
  refused(docker.image({ name: `${readRegistry()}/brd-data/none:1` }), /not found|unknown/))
test('an image that a container uses is not removed', async () => {
  host.root('docker create --name brd-data-user brd-data/tiny:2 sleep 1 >/dev/null')
  await refused(docker.image({ name: 'brd-data/tiny:2', state: 'absent' }), /brd-data-user uses it/)
  host.root('docker rm brd-data-user >/dev/null')
})

const context = '/tmp/brd-data/context'
const dockerfile = (line: string) =>
  file({
    path: `${context}/Dockerfile`,
    content: `FROM brd-data/tiny:1\nARG MODE\nENV MODE=$MODE\n${line}\n`,
  })
const built = (line: string, mode = 'live') => {
  const fills = dockerfile(line)
  return [
    fills,
    docker.image({ name: 'brd-data/built:1', context, args: { MODE: mode }, filledBy: [fills] }),
  ]
}
settles('an image that is built', () => built('ENV A=1'), {
  before: `mkdir -p ${context}`,
  kinds: ['changed', 'changed'],
})
settles('it is built again when its folder changes', () => built('ENV A=2'), {
  kinds: ['changed', 'changed'],
})
settles('and when its arguments do', () => built('ENV A=2', 'test'), {
  kinds: ['ok', 'changed'],
  after: ({ root }) =>
    assert.match(
      root("docker image inspect --format '{{.Config.Env}}' brd-data/built:1"),
      /A=2.*MODE=test|MODE=test.*A=2/,
    ),
})
test('a build that fails says its last lines', async () => {
  const { error } = await host.converge(built('RUN false'))
  assert.match(error?.stderr ?? '', /returned a non-zero code|did not complete successfully/)
})
settles(
  'an image from a file',
  () => [docker.image({ name: 'brd-data/tiny:2', file: '/tmp/brd-data/saved.tar.gz' })],
  {
    before:
      'docker save brd-data/tiny:2 | gzip >/tmp/brd-data/saved.tar.gz && docker tag brd-data/tiny:1 brd-data/tiny:2',
    kinds: ['changed'],
  },
)
test('a file without that image', () =>
  refused(
    docker.image({ name: 'brd-data/other:2', file: '/tmp/brd-data/saved.tar.gz' }),
    /holds brd-data\/tiny:2, not brd-data\/other:2/,
  ))

const volume = (more = {}) =>
  docker.volume({ name: 'brd-data-files', labels: { 'brd.use': 'test' }, ...more })
settles('a volume', () => [volume()], { kinds: ['changed'] })
test('a volume with other labels keeps its data', () =>
  refused(
    volume({ labels: { 'brd.use': 'other' } }),
    /cannot change a volume \(label brd\.use: test, wanted other\)/,
  ))

const web = (more: Partial<Running> = {}) =>
  docker.container({
    name: 'brd-data-web',
    image: 'brd-data/tiny:1',
    command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.2; done'],
    env: { PRICE: '$5 \'a\' "b"\n\\n', MODE: 'live' },
    ports: [{ published: 18080, target: 80, address: '127.0.0.1' }],
    mounts: [{ type: 'volume', source: 'brd-data-files', target: '/data' }],
    labels: { use: 'test' },
    healthcheck: { test: ['CMD', 'cat', '/bin/sh'], interval: '1s', retries: 1 },
    timeoutSeconds: 20,
    ...more,
  })
const id = () => host.root("docker container inspect --format '{{.Id}}' brd-data-web").trim()
settles('a container', () => [web()], {
  kinds: ['changed'],
  after: ({ root }) => {
    assert.match(root('docker exec brd-data-web cat /proc/1/environ'), /PRICE=\$5 'a' "b"\n\\n\0/)
    assert.match(root('docker port brd-data-web'), /127\.0\.0\.1:18080/)
  },
})
test('one that differs is replaced, and the diff says in what', async () => {
  const before = id()
  const run = await host.converge(
    [web({ env: { MODE: 'test' }, restart: 'always', networks: ['brd-data', 'bridge'] })],
    true,
  )
  host.root('docker network create brd-data >/dev/null')
  const real = await host.converge([
    web({ env: { MODE: 'test' }, restart: 'always', networks: ['brd-data', 'bridge'] }),
  ])
  assert.is(real.result, 'ok', JSON.stringify(real.error))
  assert.equal(formatDiff(real), formatDiff(run))
  assert.equal(formatDiff(real), [
    'env MODE: live -> test',
    'restart: unless-stopped -> always',
    'networks: bridge -> brd-data, bridge',
    'env PRICE: $5 \'a\' "b"\n\\n -> absent',
  ])
  assert.is.not(id(), before)
  assert.is(
    host.root('docker ps --all --format {{.Names}} --filter name=brd-data-web'),
    'brd-data-web\n',
  )
})
test('the new one is not healthy: the old one is back', async () => {
  assert.is((await host.converge([web()])).result, 'ok')
  const before = id()
  const { result, error } = await host.converge([
    web({ healthcheck: { test: ['CMD-SHELL', 'exit 1'], interval: '1s', retries: 1 } }),
  ])
  assert.is(result, 'failed')
  assert.match(error?.stderr ?? '', /is unhealthy[\s\S]*the previous container is back/)
  assert.is(id(), before)
  const again = await host.converge([web()])
  assert.equal([again.trips, again.outcomes[0]?.is], [1, 'ok'], JSON.stringify(again))
})
test('the new one crashes: its last words are told, and the old one is back', async () => {
  const before = id()
  const { error } = await host.converge([web({ command: ['sh', '-c', 'echo last words; exit 3'] })])
  assert.match(
    error?.stderr ?? '',
    /does not stay up[\s\S]*last words[\s\S]*the previous container is back/,
  )
  assert.is(id(), before)
})
test('an image that cannot be had: nothing was touched', async () => {
  const before = host.root(
    "docker container inspect --format '{{.Id}} {{.State.StartedAt}}' brd-data-web",
  )
  assert.is(
    (await host.converge([web({ image: `${readRegistry()}/brd-data/none:1` })])).result,
    'failed',
  )
  assert.is(
    host.root("docker container inspect --format '{{.Id}} {{.State.StartedAt}}' brd-data-web"),
    before,
  )
})
settles('one that was stopped by hand runs', () => [web()], {
  before: 'docker stop brd-data-web >/dev/null',
  kinds: ['changed'],
})
settles('an image of the same name that is another', () => [web()], {
  before:
    'docker tag brd-data/tiny:1 brd-data/tiny:keep && docker tag brd-data/tiny:2 brd-data/tiny:1',
  kinds: ['changed'],
  after: ({ root }) =>
    assert.match(root("docker container inspect --format '{{.Config.Env}}' brd-data-web"), /N=2/),
})
settles(
  'a file that it mounts changes',
  () => {
    const site = file({ path: '/tmp/brd-data/site', content: 'two\n' })
    return [
      site,
      web({
        mounts: [{ type: 'bind', source: '/tmp/brd-data/site', target: '/etc/site' }],
        recreateOn: [site],
      }),
    ]
  },
  {
    kinds: ['changed', 'changed'],
    after: ({ root }) => assert.is(root('docker exec brd-data-web cat /etc/site'), 'two\n'),
  },
)
for (const [title, kill] of [
  [
    'before the new one had the name',
    'docker create --name brd-data-web.brd-new brd-data/tiny:1 sleep 9 >/dev/null; docker stop brd-data-web >/dev/null; docker rename brd-data-web brd-data-web.brd-old',
  ],
  [
    'before the new one was well',
    'docker rename brd-data-web brd-data-web.brd-old; docker create --name brd-data-web --label brd.container={} brd-data/tiny:1 sleep 9 >/dev/null',
  ],
] as const)
  test(`a replacement that was killed ${title} heals`, async () => {
    assert.is((await host.converge([web()])).result, 'ok')
    host.root(kill)
    const run = await host.converge([web()])
    assert.is(run.result, 'ok', JSON.stringify(run.error))
    assert.is(
      host.root('docker ps --all --format "{{.Names}} {{.State}}" --filter name=brd-data-web'),
      'brd-data-web running\n',
    )
  })
test('one that was made by hand is not touched', async () => {
  host.root('docker create --name brd-data-hand brd-data/tiny:1 sleep 1 >/dev/null')
  await refused(web({ name: 'brd-data-hand' }), /this operation did not create/)
})
test('a volume that a container uses is not removed', async () => {
  assert.is((await host.converge([web()])).result, 'ok')
  await refused(volume({ state: 'absent' }), /brd-data-web uses it/)
})
settles('all of it goes, containers first', () => [
  docker.container({ name: 'brd-data-web', state: 'absent' }),
  docker.container({ name: 'brd-data-hand', state: 'absent' }),
  volume({ state: 'absent' }),
  docker.image({ name: 'brd-data/tiny:keep', state: 'absent' }),
])

/** What is not of this suite stays. */
const others = (): string[] =>
  host
    .root(
      `docker image ls --format '{{.Repository}}:{{.Tag}}'; docker ps --all --format '{{.Names}}'`,
    )
    .split('\n')
    .filter(name => name !== '' && !name.includes('brd-data'))
settles(
  'what nothing has used for a while goes, but for what is kept',
  () => {
    const at = new Date(Date.now() + 2 * 86_400_000)
    return [
      docker.prune({
        imageDays: 1,
        containerDays: 1,
        keep: [...others(), 'brd-data/tiny:1'],
        keepLabels: ['keep'],
        at,
      }),
    ]
  },
  {
    before: `${tiny}
docker create --name brd-data-never brd-data/tiny:2 sleep 1 >/dev/null
docker create --name brd-data-label --label keep brd-data/tiny:1 sleep 1 >/dev/null
docker run --detach --name brd-data-runs brd-data/tiny:1 sleep 60 >/dev/null
docker tag brd-data/tiny:2 brd-data/tiny:also`,
    kinds: ['changed'],
    after: ({ root }) => {
      assert.is(
        root(`docker ps --all --filter name=brd-data --format '{{.Names}}' | sort`),
        'brd-data-label\nbrd-data-runs\n',
      )
      assert.is(
        root(`docker image ls --format '{{.Repository}}:{{.Tag}}' | grep brd-data/`),
        'brd-data/tiny:1\n',
      )
    },
  },
)

const hmac = (purpose: string, secret: Secret) =>
  createHash('sha256').update(`${purpose} ${secret.reveal()}`).digest('hex')
const key = (value = 'hunter2-$x') =>
  docker.secret({ name: 'brd-data-key', value: new Secret(value, 'key'), hmac, fixed: true })
settles(
  'a config and a secret of the swarm',
  () => [docker.config({ name: 'brd-data-site', content: 'one\n$x\n' }), key()],
  {
    kinds: ['changed', 'changed'],
    after: ({ root }) =>
      assert.match(root('docker config ls --format {{.Name}}'), /^brd-data-site_[0-9a-f]{12}$/m),
  },
)
test('another value under a fixed name', () =>
  refused(key('other'), /Swarm cannot change a secret/))

// A registry that knows one login, on the host itself, where Docker asks it without TLS.
const closed = `cat >/tmp/brd-data/registry.pl <<'END'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(
  LocalAddr => '127.0.0.1', LocalPort => 15999, Listen => 9, ReuseAddr => 1) or die;
while (my $c = $s->accept) {
  my $ok = 0;
  while (<$c>) { last if /^\\r?$/; $ok = 1 if /^Authorization: Basic Y2k6aHVudGVyMi0keA==/i }
  my $head = $ok ? '200 OK' : "401 Unauthorized\\r\\nWWW-Authenticate: Basic realm=\\"brd\\"";
  my $type = "Content-Type: application/json";
  print $c "HTTP/1.1 $head\\r\\n$type\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\n{}";
  close $c
}
END
perl /tmp/brd-data/registry.pl >/dev/null 2>&1 </dev/null & echo $! >/tmp/brd-data/registry.pid
n=0; until curl --silent --output /dev/null http://127.0.0.1:15999/; do
  n=$((n + 1)); [ $n -lt 50 ]; sleep 0.1
done`
const login = (password: string) =>
  docker.login({
    registry: '127.0.0.1:15999',
    account: 'brd-data',
    user: 'ci',
    password: new Secret(password, 'registry'),
    hmac,
  })
settles('a login at a registry', () => [login('hunter2-$x')], {
  before: `${closed}\nuseradd --create-home brd-data`,
  kinds: ['changed'],
  after: ({ root }) =>
    assert.is(
      root("stat -c '%a %U' ~brd-data/.docker ~brd-data/.docker/config.json"),
      '700 brd-data\n600 brd-data\n',
    ),
})
test('a password that the registry refuses: the old login stays', async () => {
  await refused(login('wrong'), /unauthorized|401/i)
  assert.is((await host.converge([login('hunter2-$x')])).outcomes[0]?.is, 'ok')
})
settles('a login that was changed by hand', () => [login('hunter2-$x')], {
  before: `sed -i 's/"auth": "/&eA/' ~brd-data/.docker/config.json; chmod 644 ~brd-data/.docker/config.json`,
  kinds: ['changed'],
})
settles(
  'a login that goes',
  () => [docker.login({ registry: '127.0.0.1:15999', account: 'brd-data', state: 'absent' })],
  {
    kinds: ['changed'],
  },
)

test('while Docker does not run nothing is called absent', async () => {
  host.root('systemctl stop docker.socket docker')
  try {
    const ops = [
      docker.image({ name: 'brd-data/tiny:1', state: 'absent' }),
      volume({ state: 'absent' }),
      docker.container({ name: 'brd-data-web', state: 'absent' }),
      docker.prune({ imageDays: 0 }),
      docker.config({ name: 'brd-data-site', state: 'absent' }),
    ]
    for (const op of ops) await refused(op, /Docker does not run|cannot be read|connect/i)
  } finally {
    host.root('systemctl start docker.socket docker')
  }
})

test.run()
