import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Deferred } from '../../../../lib/deferred.ts'
import { Unknown } from '../../../../lib/operation.ts'
import { docker } from '../../../../lib/operations/docker.ts'
import { makeDockerShim } from '../../../support/docker-shim.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

type Change = { id?: string; state?: string; name?: string; address?: string }
const entry = (spec: object = {}, more: Change = {}): string =>
  `node ${JSON.stringify({
    id: 'n1',
    state: 'ready',
    address: '10.0.0.2',
    name: 'a',
    spec: {
      Role: 'worker',
      Availability: 'active',
      Labels: { 'brd.tools': '1', other: 'x' },
      ...spec,
    },
    ...more,
  })}`
const manager = entry({ Role: 'manager' }, { id: 'n0', name: 'm', address: '10.0.0.1' })
const swarm = (...nodes: readonly string[]): string =>
  `${['self n0', manager, ...nodes, 'end'].join('\n')}\n`
const provide = (value: string): Deferred<string> => {
  const deferred = new Deferred<string>('the id of a in its swarm')
  deferred.provide(value)
  return deferred
}
const dead = entry({}, { id: 'n9', state: 'down', address: '10.0.0.9' })

plans(docker.node, {
  'leaves what is right': [
    swarm(entry()),
    { node: 'a', role: 'worker', availability: 'active', labels: { 'brd.tools': '1' } },
    [],
  ],
  'leaves what is not asked for': [
    swarm(entry({ Role: 'manager', Availability: 'drain' })),
    { node: 'a', labels: { 'brd.tools': '1' } },
    [],
  ],
  'adds and changes labels': [
    swarm(entry()),
    { node: 'a', labels: { 'brd.tools': '2', 'brd.entry': '1' } },
    ['label brd.tools: 1 -> 2', 'label brd.entry: absent -> 1'],
  ],
  'removes a label': [
    swarm(entry()),
    { node: 'a', labels: { other: null } },
    ['label other: x -> absent'],
  ],
  'a node without labels': [
    swarm(),
    { node: 'self', labels: { a: 'b' } },
    ['label a: absent -> b'],
  ],
  promotes: [swarm(entry()), { node: 'a', role: 'manager' }, ['role: worker -> manager']],
  'a node that is down': [swarm(dead), { node: 'a' }, /the node is down/],
  'a node that is not there': [
    swarm(entry({}, { name: 'ab' })),
    { node: 'a' },
    /no node of the swarm has this host name \(there are: m, ab\)/,
  ],
  'Docker cannot say': [{ exitCode: 1, stderr: 'x' }, { node: 'a' }, /the nodes cannot be read/],
  'half an answer': [`self n0\n${manager}\n`, { node: 'a' }, /the nodes cannot be read/],

  'set up again under its old name: what it was before is named and removed': [
    swarm(dead, entry()),
    { node: 'a', labels: { 'brd.tools': '1' } },
    ['dead node n9: a at 10.0.0.9, worker -> absent'],
  ],
  'the manager itself, set up again': [
    swarm(entry({ Role: 'manager' }, { id: 'n8', name: 'm', state: 'down' })),
    { node: 'self' },
    ['dead node n8: m at 10.0.0.2, manager -> absent'],
  ],
  'another name that begins alike is another node': [
    swarm(entry(), entry({}, { id: 'n9', name: 'a-2', state: 'down' })),
    { node: 'a' },
    [],
  ],
  'the node is the one whose id the host reports': [
    swarm(entry({ Labels: {} }), entry({}, { id: 'n9' })),
    { node: 'a', id: provide('n1'), labels: { 'brd.tools': '1' } },
    ['label brd.tools: absent -> 1'],
  ],
  'an id that this swarm does not have': [
    swarm(entry()),
    { node: 'a', id: provide('other') },
    /says that it is the node other, which this swarm does not have/,
  ],
  'the host that reports is itself not ready': [
    swarm(dead, entry()),
    { node: 'a', id: provide('n9') },
    /the node is down/,
  ],
  'an id that is not known yet, where it is needed': [
    swarm(dead, entry()),
    { node: 'a', id: new Deferred<string>('the id of a') },
    /until the id of a/,
  ],
  'and where one node alone has the name': [
    swarm(entry()),
    { node: 'a', id: new Deferred<string>('the id of a'), labels: { x: 'y' } },
    ['label x: absent -> y'],
  ],
  'two that are ready, and nobody says which': [
    swarm(entry(), entry({}, { id: 'n9', address: '10.0.0.9' })),
    { node: 'a' },
    /2 nodes have this host name \(n1 at 10.0.0.2, ready; n9 at 10.0.0.9, ready\): give its id/,
  ],
})

const planOf = (want: Parameters<typeof docker.node>[0], printed: string) => {
  const plan = docker.node(want).decide(makeOutput(printed), nothingPending)
  if (!plan || plan instanceof Unknown) throw new Error('a plan is expected')
  return plan
}

test('a change goes to the id, never to a name that two nodes may have', () => {
  const { text } = planOf({ node: 'a', labels: { x: 'y' } }, swarm(dead, entry())).apply
  assert.match(text, /id=n1\ndocker node update --label-add x=y "\$id"/)
  assert.match(text, /id=n9\n:\ndocker node rm "\$id"/)
  assert.not.match(text, /rm --force/, 'Docker refuses one that came back')
})

test('a dead manager is demoted first: it counts for the quorum', () => {
  const old = entry({ Role: 'manager' }, { id: 'n8', state: 'down' })
  const { text } = planOf({ node: 'a' }, swarm(old, entry())).apply
  assert.match(text, /id=n8\ndocker node demote "\$id"[\s\S]*docker node rm "\$id"/)
})

test('draining a node is disruptive', () => {
  const plan = planOf({ node: 'a', availability: 'drain' }, swarm(entry()))
  assert.is(plan.disruptive, 'the tasks of a move to other nodes')
})

/** The probe on a manager that has not heard of a node for so many questions. */
const probe = (shell: string, silent: number): { stdout: string; asked: number } => {
  const shim = makeDockerShim(`case "$1 $2" in
  'info --format') echo 'self n0' ;;
  'node ls') echo n0; echo n1 ;;
  'node inspect') n=$(grep -c 'node inspect' "$LOG"); state=ready
    [ "$n" -gt ${silent} ] || state=unknown
    echo 'node {"id":"n1","state":"'$state'"}' ;;
esac`)
  try {
    writeFileSync(join(shim.folder, 'curl'), '#!/bin/sh\n', { mode: 0o755 })
    const text = docker
      .node({ node: 'a' })
      .probe.text.replace(/\[ -S [^ ]+ \]/, '[ -d / ]')
      .replaceAll('sleep 1', ':')
    const [command = '', ...words] = shell.split(' ')
    const { stdout } = spawnSync(command, [...words, '-c', text], {
      encoding: 'utf8',
      env: { PATH: `${shim.folder}:${process.env['PATH']}` },
    })
    const asked = shim.calls().filter(line => line.startsWith('node inspect')).length
    return { stdout, asked }
  } finally {
    shim.remove()
  }
}

for (const shell of ['dash', 'bash --norc', 'busybox sh'])
  test(`a manager that has just started is given time to hear of the others: ${shell}`, () => {
    const says = (state: string) => `self n0\nnode {"id":"n1","state":"${state}"}\nend\n`
    assert.equal(probe(shell, 0), { stdout: says('ready'), asked: 1 })
    assert.equal(probe(shell, 3), { stdout: says('ready'), asked: 4 })
    assert.equal(probe(shell, 99), { stdout: says('unknown'), asked: 12 })
  })

test.run()
