import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Event, Outcome } from '../../lib/events.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { requireLab } from '../../lib/inventory/lab-state.ts'
import { openStore } from '../../lib/secrets/store.ts'
import { getFromLab } from '../../scripts/lab/reach.ts'
import { skip } from '../../scripts/test/skip.ts'
import { type LabHost, openLabHost } from '../support/lab-host.ts'
import { type LogLine, logsOf } from '../support/logs.ts'
import { resetHosts } from '../support/reset-hosts.ts'
import { parseEvents, root, waitUntil, zxArguments } from '../support/run-playbook.ts'

const HOST = 'infra-stage'
const DOMAIN = 'infra-stage.brd.example'
const PLAYBOOK = 'playbooks/bootstrap-infra-stage.ts'

type Ran = { readonly code: number | null; readonly all: readonly Event[]; readonly text: string }

/** Starts the bootstrap on the lab; `seen` hears each event as it comes. */
const begin = (flags: readonly string[], seen: (event: Event) => void = () => {}) => {
  const child = spawn(process.execPath, [...zxArguments(PLAYBOOK), '--lab', '--json', ...flags], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const from = text.lastIndexOf('\n') + 1
    text += chunk
    for (const line of text.slice(from, text.lastIndexOf('\n') + 1).split('\n'))
      if (line) seen(JSON.parse(line))
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const ended = new Promise<Ran>(resolve =>
    child.on('close', code =>
      resolve({ code, all: code === null ? [] : parseEvents(text), text: text + said }),
    ),
  )
  return { child, ended }
}
const bootstrap = (...flags: string[]): Promise<Ran> => begin(flags).ended

/** How each operation ended, by its name. */
const ends = ({ all }: Ran): Map<string, Outcome> => {
  const listed = all.flatMap(event =>
    event.type === 'host-listed' ? event.ops.map(({ kind, name }) => `${kind} ${name}`) : [],
  )
  const settled = all.flatMap(event => (event.type === 'op-settled' ? [event] : []))
  assert.is(settled.length, listed.length, 'each listed operation has one end')
  return new Map(settled.map(({ op, outcome }) => [listed[op] as string, outcome]))
}
const which = (run: Ran, is: Outcome['is']): string[] =>
  [...ends(run)].filter(([, outcome]) => outcome.is === is).map(([name]) => name)
const failures = ({ all }: Ran): string =>
  JSON.stringify(all.filter(event => event.type === 'host-finished' && event.error))

/**
 * The whole file system of a host but for what changes by itself: path, mode, owner, size, time,
 * target.
 */
const snapshot = (host: LabHost): string[] =>
  host
    .root(
      `find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /dev -o -path /var/log -o -path /var/cache/apt -o -path /var/lib/apt/lists \\) -prune -o ! -type d -printf '%p %y %m %U:%G %s %T@ %l\\n' -o -type d -printf '%p %y %m %U:%G\\n' | sort`,
    )
    .split('\n')

const test = suite('bootstrap')
let host: LabHost
let checked: Ran
test.before(async () => {
  host = openLabHost(HOST)
  await resetHosts(HOST)
})
test.after(() => host?.end())

test('check mode lists every change or what it waits for, and touches nothing', async () => {
  const before = snapshot(host)
  checked = await bootstrap('--check', '--diff', '--exit-code')
  assert.is(checked.code, 3, failures(checked))
  const after = snapshot(host)
  assert.equal(
    after.filter(line => !before.includes(line)),
    [],
  )
  assert.equal(
    before.filter(line => !after.includes(line)),
    [],
  )
  for (const [name, outcome] of ends(checked))
    assert.ok(['ok', 'would-change', 'unknown'].includes(outcome.is), `${name}: ${outcome.is}`)
  assert.ok(which(checked, 'would-change').length > 10)
  for (const [name, outcome] of ends(checked))
    if (outcome.is === 'unknown') assert.match(outcome.why, /until /, name)
})

test('the first run changes what check foretold, and nothing that check called ok', async () => {
  const run = await bootstrap()
  assert.is(run.code, 0, failures(run))
  const foretold = ends(checked)
  for (const [name, outcome] of ends(run)) {
    const told = foretold.get(name)
    if (told?.is === 'would-change')
      assert.equal(outcome, { is: 'changed', diff: told.diff, foreseen: true }, name)
    if (told?.is === 'ok') assert.is(outcome.is, 'ok', name)
    if (outcome.is === 'changed') assert.ok(outcome.foreseen, `${name} was not foreseen`)
  }
})

test('the second run changes nothing, in one round trip a list; check agrees', async () => {
  const again = await bootstrap()
  assert.equal([again.code, which(again, 'changed')], [0, []], failures(again))
  const trips = again.all.flatMap(event => (event.type === 'host-finished' ? [event.trips] : []))
  assert.equal(trips, [1, 1])
  const check = await bootstrap('--check', '--exit-code')
  assert.equal([check.code, which(check, 'would-change'), which(check, 'unknown')], [0, [], []])
})

test('each tool answers by its name, over TLS, through Traefik', async () => {
  const status = async (name: string, path: string) =>
    (await getFromLab(`https://${name}.${DOMAIN}${path}`)).status
  assert.equal(
    [
      await status('traefik', '/dashboard/'),
      await status('portainer', '/api/system/status'),
      await status('grafana', '/api/health'),
      await status('loki', '/ready'),
    ],
    [401, 200, 200, 401],
  )
  assert.is(
    (await getFromLab(`http://grafana.${DOMAIN}/`)).headers.location,
    `https://grafana.${DOMAIN}/`,
  )
})

const password = async (): Promise<Record<string, string>> => {
  const secret = (await openStore({ path: labPath('secrets.age'), key: labPath('age.key') })).get(
    'brd-infra-stage/traefik-admin',
  )
  return { authorization: `Basic ${Buffer.from(`admin:${secret.reveal()}`).toString('base64')}` }
}

test('the entry point lets in who has its password', async () => {
  const headers = await password()
  assert.is((await getFromLab(`https://traefik.${DOMAIN}/dashboard/`, { headers })).status, 200)
  await waitUntil(
    'Loki is ready',
    async () => (await getFromLab(`https://loki.${DOMAIN}/ready`, { headers })).status === 200,
    60,
  )
})

/** Skips where one of these images is not the real component. */
const real = async (...repositories: string[]): Promise<void> => {
  const { images } = await requireLab()
  for (const repository of repositories) {
    const image = images.find(({ ref }) => ref.startsWith(`${repository}:`))
    if (image?.standIn) skip(`${image.ref} is a stand-in on this machine`)
  }
}

test("a container's log line is found again where the logs are kept, with its labels", async () => {
  await real('traefik')
  const logs = await logsOf('brd-infra-stage', DOMAIN)
  const canary = `canary-${randomBytes(8).toString('hex')}`
  // The dashboard itself is not in the access log.
  await getFromLab(`https://grafana.${DOMAIN}/${canary}`)
  const text = `"RequestPath":"/${canary}` // not our own questions, which Traefik logs too
  let found: LogLine[] = []
  await waitUntil(
    'the line has arrived',
    async () => {
      found = await logs.find({ stack: 'traefik', service_name: 'traefik_traefik' }, text)
      return found.length > 0
    },
    60,
  )
  assert.equal([found[0]?.labels['node'], found.length], [HOST, 1])
  assert.match(found[0]?.labels['container'] ?? '', /^traefik_traefik\./)
})

test('Grafana has Loki as its data source, and the dashboard of logs', async () => {
  await real('grafana/grafana')
  const secret = (await openStore({ path: labPath('secrets.age'), key: labPath('age.key') })).get(
    'brd-infra-stage/grafana-admin',
  )
  const headers = {
    authorization: `Basic ${Buffer.from(`admin:${secret.reveal()}`).toString('base64')}`,
  }
  const source = await getFromLab(`https://grafana.${DOMAIN}/api/datasources/uid/loki/health`, {
    headers,
  })
  assert.is(JSON.parse(source.body).status, 'OK')
})

test('Portainer lets its administrator in and sees the cluster', async () => {
  await real('portainer/portainer-ce', 'portainer/agent')
  const secret = (await openStore({ path: labPath('secrets.age'), key: labPath('age.key') })).get(
    'brd-infra-stage/portainer-admin',
  )
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ username: 'admin', password: secret.reveal() })
  const { jwt } = JSON.parse(
    (await getFromLab(`https://portainer.${DOMAIN}/api/auth`, { method: 'POST', body, headers }))
      .body,
  )
  const endpoints = JSON.parse(
    (
      await getFromLab(`https://portainer.${DOMAIN}/api/endpoints`, {
        headers: { authorization: `Bearer ${jwt}` },
      })
    ).body,
  )
  assert.ok(endpoints.length > 0)
})

test('Traefik and Alloy may ask Docker what they need, and nothing else', () => {
  const ask = (stack: string, path: string, options = '') =>
    host
      .root(
        `curl --silent --output /dev/null --write-out '%{http_code}' ${options} \\
          --path-as-is --unix-socket /var/lib/docker/volumes/${stack}_socket/_data/docker.sock \\
          'http://docker${path}'`,
      )
      .trim()
  for (const path of ['/_ping', '/v1.41/services', '/tasks', '/networks'])
    assert.is(ask('traefik', path), '200', path)
  for (const path of ['/containers/json', '/v1.41/networks', '/info'])
    assert.is(ask('loki', path), '200', path)
  for (const path of [
    '/secrets',
    '/services/create',
    '/services/../secrets',
    '/containers/json/../../secrets',
    '/services%2f..%2fsecrets',
  ])
    assert.is(ask('traefik', path), '403', path)
  assert.is(ask('traefik', '/services/create', "--request POST --data '{}'"), '403')
  assert.is(ask('traefik', '/services', "--request POST --data '{}'"), '403')
  assert.is(ask('loki', '/containers/create', "--request POST --data '{}'"), '403')
  assert.is(ask('loki', '/containers/x/archive?path=/etc'), '403')
})

test('no secret stands in the open on the host', async () => {
  const store = await openStore({ path: labPath('secrets.age'), key: labPath('age.key') })
  for (const name of store.names().filter(name => name.startsWith('brd-infra-stage/'))) {
    const value = store.get(name).reveal()
    // Portainer and its agents take their secret as a variable, and in no other way.
    const environ = name.endsWith('/portainer-agent-secret') ? '' : '/proc/[0-9]*/environ'
    const script = `cat >/dev/shm/needle
      grep -rlF -f /dev/shm/needle /etc /root /home /var/log /var/lib/brd /run/brd \\
        /proc/[0-9]*/cmdline ${environ} 2>/dev/null || :
      rm /dev/shm/needle`
    assert.is(host.root(`${script.replace('cat >', `printf %s '${value}' >`)}`).trim(), '', name)
  }
})

test('a Docker that hangs is named and timed out; the others still report', async () => {
  host.root('kill -STOP $(pidof dockerd)')
  try {
    const run = await bootstrap()
    assert.is(run.code, 2)
    const error = run.all.flatMap(event =>
      event.type === 'host-finished' && event.error ? [event.error.message] : [],
    )
    assert.match(error.join(), /the probe hung/)
    assert.ok(
      which(run, 'ok').length === 0 || !which(run, 'ok').some(name => name.startsWith('stack')),
    )
    assert.ok([...ends(run)].some(([name, { is }]) => name.startsWith('file ') && is !== 'failed'))
  } finally {
    host.root('kill -CONT $(pidof dockerd)')
  }
  assert.is((await bootstrap()).code, 0)
})

test('killed in the middle (kill -9), the same command again ends up right', async () => {
  await host.end()
  await resetHosts(HOST)
  host = openLabHost(HOST)
  let dying = false
  const { child, ended } = begin([], event => {
    // Docker's package is being installed, or a stack deployed: the worst moments.
    if (event.type === 'op-started' && event.op > 20) dying = true
  })
  await waitUntil('a late operation has begun', () => dying || child.exitCode !== null, 240)
  child.kill('SIGKILL')
  await ended
  const run = await bootstrap()
  assert.is(run.code, 0, failures(run))
  const again = await bootstrap()
  assert.equal([again.code, which(again, 'changed')], [0, []])
})

test.run()
