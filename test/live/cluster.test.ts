import { spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type LabHost, openLabHost } from '../support/lab-host.ts'
import { resetHosts } from '../support/reset-hosts.ts'
import { parseEvents, readOutcomes, root, zxArguments } from '../support/run-playbook.ts'

const CLUSTER = ['--cluster', 'brd-infra-old', '--lab']

/** Plays the bootstrap of the two servers' cluster. */
const bootstrap = (...flags: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...zxArguments('playbooks/bootstrap.ts'), ...CLUSTER, '--json', ...flags],
    {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64e6,
    },
  )
  const all = parseEvents(stdout)
  const errors = all.flatMap(event =>
    event.type === 'host-finished' && event.error ? [`${event.host}: ${event.error.message}`] : [],
  )
  return { code: status, all, said: errors.join('\n') + stderr }
}

/**
 * Another value of a daemon.json key that only a restart takes up: that of hosts.yaml comes last.
 */
const first = ['-e', '{"logs": {"size": "30m"}}']

const test = suite('cluster of two servers')
let manager: LabHost
test.before(async () => {
  await resetHosts('old-one', 'old-two')
  manager = openLabHost('old-one')
})
// The cluster is left running, for the files after this one that need it.
test.after(() => manager?.end())

test('a worker without its manager in the run: told at once what it lacks', () => {
  const { code, said } = bootstrap('--limit', 'old-two')
  assert.is(code, 2)
  assert.match(
    said,
    new RegExp(
      String.raw`old-two: swarm\.join 10\.[\d.]+: the worker token of old-one: ` +
        String.raw`no host of this run provides it \(is one left out by --limit`,
    ),
  )
})

test('both servers are raised at once: the worker waits for the token, the tools for both', () => {
  const { code, said } = bootstrap(...first)
  assert.is(code, 0, said)
  const nodes = manager
    .root(`docker node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'`)
    .trim()
    .split('\n')
    .sort()
  assert.equal(
    nodes,
    ['old-one Ready Leader', 'old-two Ready ']
      .map(line => line.trimEnd())
      .map(line => nodes.find(node => node.trimEnd() === line) ?? line),
  )
  const agents = manager
    .root(
      `docker service ps loki_alloy --filter desired-state=running --format '{{.Node}} {{.CurrentState}}'`,
    )
    .trim()
    .split('\n')
  assert.equal(agents.map(line => line.split(' ').slice(0, 2).join(' ')).sort(), [
    'old-one Running',
    'old-two Running',
  ])
})

test('the second run changes nothing, in one round trip a host and list; check mode agrees', () => {
  const { code, all, said } = bootstrap(...first)
  assert.is(code, 0, said)
  assert.equal(
    [...new Set([...readOutcomes(all, 'old-one'), ...readOutcomes(all, 'old-two')])],
    ['ok'],
  )
  assert.equal(
    all.flatMap(event => (event.type === 'host-finished' ? [event.trips] : [])),
    [1, 1, 1],
  )
  assert.is(bootstrap(...first, '--check', '--exit-code').code, 0)
})

test('Docker restarts under containers only if allowed, and then one node at a time', () => {
  const refused = bootstrap()
  assert.is(refused.code, 2)
  assert.match(refused.said, /docker\.daemon .*: refused: /)
  const { code, all, said } = bootstrap('--allow-disruption')
  assert.is(code, 0, said)
  const restarts = all.flatMap(event => {
    if (event.type === 'host-listed') return []
    const daemon = (host: string) =>
      all
        .flatMap(e => (e.type === 'host-listed' && e.host === host ? e.ops : []))
        .findIndex(op => op.kind === 'docker.daemon')
    if (event.type === 'op-started' && event.op === daemon(event.host))
      return [{ host: event.host, at: event.at }]
    return []
  })
  assert.equal(restarts.map(({ host }) => host).sort(), ['old-one', 'old-two'])
  const [one, other] = restarts.sort((a, b) => a.at - b.at)
  const proven = all.find(
    event =>
      event.type === 'round-started' && event.host === one?.host && event.at > (one?.at ?? 0),
  )
  const ended = all.find(
    event =>
      event.type === 'host-finished' && event.host === one?.host && event.at > (one?.at ?? 0),
  )
  assert.ok(
    (other?.at ?? 0) >=
      Math.min(proven?.at ?? Number.POSITIVE_INFINITY, ended?.at ?? Number.POSITIVE_INFINITY) - 50,
    'the second waits until the first is proven',
  )
})

test('a server that joins again under its old name is one node, and what it was is gone', () => {
  const list = () =>
    manager.root(`docker node ls --format '{{.Hostname}} {{.ID}} {{.Status}}'`).trim().split('\n')
  const find = () => list().filter(line => line.startsWith('old-two '))
  const [was = ''] = find()
  const worker = openLabHost('old-two')
  worker.root('docker swarm leave >/dev/null')
  manager.root(`n=0
  until docker node ls --format '{{.Hostname}} {{.Status}}' | grep -qx 'old-two Down'
do n=$((n + 1)); [ $n -lt 60 ]; sleep 1; done`)
  const { code, said, all } = bootstrap('--allow-disruption')
  assert.is(code, 0, said)
  const [is = '', ...more] = find()
  assert.equal([more, is.split(' ')[2]], [[], 'Ready'])
  assert.is.not(is.split(' ')[1], was.split(' ')[1])
  assert.match(JSON.stringify(all), new RegExp(`dead node ${was.split(' ')[1]}`))
  const again = bootstrap('--allow-disruption')
  assert.equal([...new Set(readOutcomes(again.all, 'old-one'))], ['ok'], again.said)
  return worker.end()
})

test.run()
