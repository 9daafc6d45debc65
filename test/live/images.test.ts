import { type ChildProcess, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkBackupVersion } from '../../lib/images/backup-version.ts'
import { buildImage } from '../../lib/images/build.ts'
import { type DockerClient, inspectImage, runDocker } from '../../lib/images/docker-client.ts'
import { pushImage } from '../../lib/images/push.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { type LabState, readLabState } from '../../lib/inventory/lab-state.ts'
import { docker as operations } from '../../lib/operations/docker.ts'
import { job } from '../../lib/operations/job.ts'
import { stack } from '../../lib/operations/stack.ts'
import { swarm } from '../../lib/operations/swarm.ts'
import { Secret } from '../../lib/secret.ts'
import { openStore } from '../../lib/secrets/store.ts'
import { images } from '../../roles/images.ts'
import { openImageClient } from '../../scripts/lab/engine.ts'
import { listSshArguments } from '../../scripts/lab/keys.ts'
import { readServedDigest } from '../../scripts/lab/mirror.ts'
import { skip } from '../../scripts/test/skip.ts'
import { all } from '../lib/inventory/sample.ts'
import { type LabHost, openLabHost, settlesLive } from '../support/lab-host.ts'
import { makeLabHome, root, waitUntil, zxArguments } from '../support/run-playbook.ts'

const NAME = 'localhost/brd-try'
const registryName = `brd-try-registry-${process.pid}`
const password = `try-${Math.random()}`

let host: LabHost
let lab: LabState
let client: DockerClient
let folder: string
let ours = false
let port = 0

/** An environment whose application is the sample, on this host. */
const inventory = (): string => `${all}clusters:
  try:
    domain: try.example
    servers: {infra-stage: {address: 192.0.2.1}}
environments:
  stage:
    server: infra-stage
    hosts: [stage.example]
    bucket: {name: brd-try}
    backups: {bucket: {name: brd-try-backups}}
    app:
      images:
        app: '${NAME}:v1'
        mariadb: 'mariadb:10.11'
        walg: '127.0.0.1:${port}/brd-try-walg:1'
      registry: {address: '127.0.0.1:${port}', user: ci, password: brd-try/registry}
      build:
        context: '${join(root, 'scripts/lab/sample/app')}'
        arguments: {APP: '${made('brd/app:8.2')}'}
`
const made = (ref: string): string =>
  lab.images.find(image => image.ref === ref)?.image ?? skip(`the lab has no ${ref}`)

test.before(async () => {
  host = openLabHost('infra-stage')
  lab = (await readLabState()) ?? skip('the lab is down: npx zx scripts/lab.ts up')
  client = await openImageClient()
  folder = mkdtempSync(join(tmpdir(), 'brd-images-'))
  port = await freePort()
  const state = host
    .root("docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null || echo none")
    .trim()
  ours = state !== 'active'
  if (!ours) return
  const ready = await host.converge([
    ...operations.engine({
      package: 'docker.io',
      settings: { 'registry-mirrors': [lab.mirror], 'log-driver': 'json-file' },
    }),
    swarm.init({ advertiseAddress: host.address, pool: '10.64.0.0/14' }),
  ])
  assert.is(ready.result, 'ok', JSON.stringify(ready.error))
})

test.after(async () => {
  const quiet = (...words: string[]) => runDocker(client, words).catch(() => '')
  if (client) {
    await quiet('rm', '--force', '--volumes', registryName)
    await quiet('image', 'rm', '--force', `${NAME}:v1`)
    await quiet('image', 'rm', '--force', `127.0.0.1:${port}/brd-try:1`)
  }
  if (folder) rmSync(folder, { recursive: true })
  host?.root(`docker stack rm brd-try >/dev/null 2>&1 || true
docker rm --force brd-try-old >/dev/null 2>&1 || true
systemctl disable --now brd-prune-images.timer >/dev/null 2>&1 || true
rm -rf /var/lib/brd/jobs/brd-try-release /usr/local/lib/brd/prune-images
rm -rf /etc/systemd/system/brd-prune-images.*; systemctl daemon-reload
${ours ? 'docker swarm leave --force >/dev/null 2>&1 || true' : ''}
n=0; while [ -n "$(docker ps --quiet --filter label=com.docker.stack.namespace=brd-try)" ] &&
  [ $n -lt 30 ]; do n=$((n + 1)); sleep 1; done
docker ps --all --quiet --filter label=com.docker.stack.namespace=brd-try |
  xargs --no-run-if-empty docker rm --force >/dev/null
for name in ${NAME} brd-test/pruned 127.0.0.1:${port}/brd-try; do
  docker image ls --quiet $name | sort -u |
    xargs --no-run-if-empty docker image rm --force >/dev/null
done`)
  await host?.end()
})

const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const found = (server.address() as { port: number }).port
      server.close(() => resolve(found))
    })
  })

type Ran = { readonly code: number | null; readonly out: string; readonly err: string }
const start = (
  words: readonly string[],
  home?: string,
): { child: ChildProcess; ended: Promise<Ran> } => {
  writeFileSync(join(folder, 'hosts.yaml'), inventory())
  const flags = ['--env', 'stage', '--lab', '--inventory', join(folder, 'hosts.yaml')]
  const child = spawn(process.execPath, [...zxArguments('scripts/images.ts'), ...words, ...flags], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(home === undefined ? {} : { BRD_LAB_HOME: home }) },
    detached: true,
  })
  const text = { out: '', err: '' }
  child.stdout.on('data', chunk => {
    text.out += chunk
  })
  child.stderr.on('data', chunk => {
    text.err += chunk
  })
  return {
    child,
    ended: new Promise(resolve => child.on('close', code => resolve({ code, ...text }))),
  }
}
const script = (...words: string[]): Promise<Ran> => start(words).ended

/** The id that this host has under a name; nothing where it has none. */
const there = (name: string): string =>
  host
    .root(`docker image inspect --format '{{.Id}}' ${name} 2>/dev/null || true`)
    .trim()
    .replace('[]', '')
    .trim()

test('the application is built with its release, and named', async () => {
  const { code, out, err } = await script('build', 'app')
  assert.is(code, 0, err)
  assert.match(
    out,
    new RegExp(`^${NAME}:v1: ${(await inspectImage(client, `${NAME}:v1`)).id} \\(\\d+ MB\\)\n$`),
  )
  assert.match(
    await runDocker(client, ['image', 'inspect', '--format', '{{.Config.Env}}', `${NAME}:v1`]),
    'RELEASE=v1',
  )
})

test('a carry that is killed on the way leaves nothing that passes for the image', async () => {
  const { child, ended } = start(['carry'])
  await waitUntil('it is loading', () => loading(), 60)
  process.kill(-(child.pid ?? 0), 'SIGKILL')
  await ended
  await waitUntil('the node has given it up', () => !loading(), 60)
  assert.is(there(`${NAME}:v1`), '')
})
const loading = (): boolean => host.root('pgrep --full "^docker load" || true').trim() !== ''

test('it is carried to its nodes once, and the line for hosts.yaml has its id', async () => {
  const { id } = await inspectImage(client, `${NAME}:v1`)
  const pin = `  in hosts.yaml: environments.stage.app.images.app: ${NAME}:v1@${id}\n`
  const check = await script('carry', '--check')
  assert.match(
    check.out,
    /^infra-stage: localhost\/brd-try:v1: would be carried \(\d+ MB unpacked\)\n$/,
  )
  const first = await script('carry')
  assert.equal([first.code, first.out], [0, `infra-stage: ${NAME}:v1: carried\n${pin}`], first.err)
  assert.is(there(`${NAME}:v1`), id)
  const second = await script('carry')
  assert.equal(
    [second.code, second.out],
    [0, `infra-stage: ${NAME}:v1: was there\n${pin}`],
    second.err,
  )
})

const service = (image: `${string}:${string}`) => [
  stack({
    name: 'brd-try',
    compose: {
      services: {
        app: {
          image,
          entrypoint: ['sleep', '1000'],
          networks: ['inner'],
          stop_grace_period: '1s',
          deploy: {
            endpoint_mode: 'dnsrr',
            update_config: { order: 'stop-first', monitor: '2s', failure_action: 'rollback' },
          },
        },
      },
      networks: { inner: { mtu: 1350 } },
    },
    timeoutSeconds: 90,
  }),
]

/** A release's own step, in the stack's network. */
const release = (image: `${string}:${string}`) =>
  job({
    name: 'brd-try-release',
    stack: 'brd-try',
    service: {
      image,
      command: ['php', '--version'],
      networks: ['brd-try_inner'],
      deploy: { endpoint_mode: 'dnsrr' },
    },
    secrets: {},
    hmac: () => 'abcdef012345',
    timeoutSeconds: 90,
  })

test('a stack and a job run it by its id; a release that was not carried is named', async () => {
  const id = there(`${NAME}:v1`)
  // None runs for a moment while one takes the place of another.
  const running = () =>
    host
      .root(
        `docker ps --quiet --filter label=com.docker.swarm.service.name=brd-try_app | xargs -r docker inspect --format '{{.Image}}'`,
      )
      .trim()
  const run = await host.converge(service(`${NAME}:v1@${id}`))
  assert.is(run.result, 'ok', JSON.stringify(run.error))
  const again = await host.converge(service(`${NAME}:v1@${id}`))
  assert.equal(
    [again.trips, again.outcomes.map(({ is }) => is)],
    [1, ['ok']],
    JSON.stringify(again.outcomes),
  )
  assert.is(running(), id)
  const once = await host.converge([release(`${NAME}:v1@${id}`)])
  assert.equal(
    [once.result, once.outcomes.map(({ is }) => is)],
    ['ok', ['changed']],
    JSON.stringify(once.error),
  )
  const absent = await host.converge(service(`${NAME}:v2@sha256:${'0'.repeat(64)}`))
  assert.is(absent.result, 'failed')
  assert.match(absent.error?.stderr ?? '', /[Nn]o such image: sha256:0000/)
  await waitUntil('the version before runs', () => running() === id, 60)
})

test("wal-g's image has the server's mariadb-backup; another version gets no name", async () => {
  assert.match(
    await checkBackupVersion(client, made('brd/walg:3.0.9'), made('mariadb:10.11')),
    /^10\.11\.\d+$/,
  )
  const context = join(folder, 'walg')
  const fake = { of: 'walg', ref: `${NAME}-walg:1`, folder: context, arguments: {} } as const
  mkdirSync(context)
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM debian:bookworm\nRUN printf '#!/bin/sh\\necho mariadb-backup based on MariaDB server 10.6.1-MariaDB\\n' >/usr/bin/mariadb-backup && chmod 755 /usr/bin/mariadb-backup\n`,
  )
  const check = (id: string) => checkBackupVersion(client, id, made('mariadb:10.11'))
  const error = await buildImage(client, fake, check, () => {}).catch(
    (reason: Error) => reason.message,
  )
  assert.match(
    String(error),
    new RegExp(
      String.raw`was not named: wal-g's image has mariadb-backup 10\.6\.1 ` +
        String.raw`and the server's has MariaDB 10\.11\.\d+`,
    ),
  )
  assert.is(await inspectImage(client, fake.ref).catch(() => null), null)
})

test('a registry that asks for a login gets it, and a wrong password is refused', async () => {
  const ref = `127.0.0.1:${port}/brd-try:1`
  const image = (
    await runDocker(client, ['ps', '--filter', 'name=-infra$', '--format', '{{.Image}}'])
  ).trim()
  await runDocker(client, [
    'run',
    '--detach',
    '--name',
    registryName,
    '--publish',
    `127.0.0.1:${port}:5000`,
    '--entrypoint',
    'sh',
    image,
    '-c',
    registry,
  ])
  await runDocker(client, ['tag', 'debian:bookworm', ref])
  await waitUntil('the registry answers', () =>
    fetch(`http://127.0.0.1:${port}/v2/`)
      .then(({ status }) => status === 401)
      .catch(() => false),
  )
  const before = logins()
  const login = (secret: string) => ({
    address: `127.0.0.1:${port}`,
    user: 'ci',
    password: new Secret(secret, 'brd-try/registry'),
  })
  const refused = await pushImage(client, ref, login('wrong')).catch(
    (reason: Error) => reason.message,
  )
  assert.match(String(refused), /^127\.0\.0\.1:\d+ refuses ci with the secret brd-try\/registry: /)
  const digest = await pushImage(client, ref, login(password))
  pushed = digest
  assert.match(digest, /^sha256:[0-9a-f]{64}$/)
  const head = await fetch(`http://127.0.0.1:${port}/v2/brd-try/manifests/1`, {
    headers: {
      authorization: `Basic ${btoa(`ci:${password}`)}`,
      accept: 'application/vnd.docker.distribution.manifest.v2+json',
    },
  })
  assert.is(head.headers.get('docker-content-digest'), digest)
  assert.equal(logins(), before)
})

test('a stack runs what its registry gives to logins alone, once the manager has one', async () => {
  const address = `127.0.0.1:${port}`
  // Docker asks a registry of its own machine without TLS: this one is brought there.
  const words = [
    ...listSshArguments('infra-stage'),
    '-o',
    'ExitOnForwardFailure=yes',
    '-N',
    '-R',
    `${address}:${address}`,
  ]
  const tunnel = spawn('ssh', words, { stdio: 'ignore' })
  const login = {
    registry: address,
    user: 'ci',
    password: new Secret(password, 'brd-try/registry'),
    hmac: () => 'ab'.repeat(32),
  }
  try {
    await waitUntil(
      'the tunnel stands',
      () =>
        host.root(
          `curl --silent --output /dev/null --write-out '%{http_code}' http://${address}/v2/ || true`,
        ) === '401',
    )
    const run = await host.converge([
      operations.login(login),
      ...service(`${address}/brd-try:1@${pushed}`),
    ])
    assert.is(run.result, 'ok', JSON.stringify(run.error))
    assert.equal(
      run.outcomes.map(({ is }) => is),
      ['changed', 'changed'],
    )
    assert.is(host.root('stat -c %a /root/.docker/config.json').trim(), '600')
  } finally {
    await host.converge([operations.login({ registry: address, state: 'absent' })])
    tunnel.kill()
    await new Promise(resolve => tunnel.once('close', resolve))
  }
})

let pushed = ''
const logins = () => readdirSync('/dev/shm').filter(name => name.startsWith('brd-login-'))
const registry = `perl -e '
  print "ci:" . crypt("${password}", q($2b$05$abcdefghijklmnopqrstuu)) . "\\n"' >/tmp/users
cat >/tmp/registry.yml <<'END'
version: 0.1
storage: { filesystem: { rootdirectory: /tmp/registry } }
http: { addr: ":5000" }
auth: { htpasswd: { realm: try, path: /tmp/users } }
END
exec docker-registry serve /tmp/registry.yml`

test('push by hosts.yaml and the store: the line with the digest', async () => {
  const home = makeLabHome({})
  try {
    for (const name of ['engine.sock', 'engine.json'])
      if (existsSync(labPath(name))) symlinkSync(labPath(name), join(home.path, name))
    const store = await openStore({
      path: join(home.path, 'secrets.age'),
      key: join(home.path, 'age.key'),
    })
    const lacking = await start(['push', 'walg'], home.path).ended
    assert.equal(
      [
        lacking.code,
        /password of ci at 127\.0\.0\.1:\d+ is not in the store: brd-try\/registry/.test(
          lacking.err,
        ),
      ],
      [1, true],
      lacking.err,
    )
    await store.set('brd-try/registry', password)
    await runDocker(client, ['tag', 'debian:bookworm', `127.0.0.1:${port}/brd-try-walg:1`])
    const { code, out, err } = await start(['push', 'walg'], home.path).ended
    assert.is(code, 0, err)
    assert.match(
      out,
      new RegExp(
        `in hosts.yaml: environments.stage.app.images.walg: 127.0.0.1:${port}/brd-try-walg:1@sha256:[0-9a-f]{64}\n$`,
      ),
    )
  } finally {
    await runDocker(client, ['image', 'rm', `127.0.0.1:${port}/brd-try-walg:1`]).catch(() => '')
    home.remove()
  }
})

settlesLive(
  () => host,
  'the timer that removes old releases',
  () => images({ repositories: ['brd-test/pruned'] }),
)

/** An image of the host's own shell: no registry is asked for it. */
const tiny = `cd / && files=$(
  for f in bin/sh bin/sleep; do echo $f; ldd /$f | grep -o '/[^ ]*' | cut -c2-; done | sort -u)
for n in 1 2 3 4 5; do
  tar --create --dereference $files |
    docker import --change "ENV N=$n" - brd-test/pruned:v$n >/dev/null
  sleep 0.1
done
docker run --detach --name brd-try-old brd-test/pruned:v1 sleep 1000 >/dev/null`

test('three releases, the running one, pulled digests and new unnamed images stay', async () => {
  host.root(tiny)
  const ref = `redis@${await readServedDigest('redis:7.0')}`
  const had = there(ref) !== ''
  const [nameless = ''] = host
    .root(
      `docker pull --quiet ${ref} >/dev/null; cd / && echo bin/sh | tar --create --dereference --files-from - | docker import -`,
    )
    .split('\n')
  const tags = () =>
    host.root("docker image ls --format '{{.Tag}}' brd-test/pruned | sort").trim().split('\n')
  for (const _ of ['first', 'again']) {
    host.root('systemctl start brd-prune-images.service')
    assert.equal(tags(), ['v1', 'v3', 'v4', 'v5'])
    // An image without a name may be a step of a build that is under way: it stays for a day.
    assert.equal([there(nameless) !== '', there(ref) !== ''], [true, true])
  }
  host.root(`docker image rm ${nameless} >/dev/null`)
  if (!had) host.root(`docker image rm ${ref} >/dev/null`)
  assert.match(
    host.root('journalctl --unit brd-prune-images.service --output cat --no-pager'),
    'removed brd-test/pruned:v2',
  )
  assert.match(
    host.root('systemctl list-timers --no-pager brd-prune-images.timer'),
    'brd-prune-images.service',
  )
})

test.run()
