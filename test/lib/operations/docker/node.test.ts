import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Unknown } from '../../../../lib/operation.ts'
import { docker } from '../../../../lib/operations/docker.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const node = (more = {}, state = 'ready'): string =>
  `${state} ${JSON.stringify({ Role: 'worker', Availability: 'active', Labels: { 'brd.tools': '1', other: 'x' }, ...more })}\n`

plans(docker.node, {
  'leaves what is right': [
    node(),
    { node: 'a', role: 'worker', availability: 'active', labels: { 'brd.tools': '1' } },
    [],
  ],
  'leaves what is not asked for': [
    node({ Role: 'manager', Availability: 'drain' }),
    { node: 'a', labels: { 'brd.tools': '1' } },
    [],
  ],
  'adds and changes labels': [
    node(),
    { node: 'a', labels: { 'brd.tools': '2', 'brd.entry': '1' } },
    ['label brd.tools: 1 -> 2', 'label brd.entry: absent -> 1'],
  ],
  'removes a label': [node(), { node: 'a', labels: { other: null } }, ['label other: x -> absent']],
  'a node without labels': [
    node({ Labels: null }),
    { node: 'self', labels: { a: 'b' } },
    ['label a: absent -> b'],
  ],
  promotes: [node(), { node: 'a', role: 'manager' }, ['role: worker -> manager']],
  'a node that is down': [node({}, 'down'), { node: 'a' }, /the node is down/],
  'a node that is not there': [
    { exitCode: 1, stderr: 'Error: No such node: a' },
    { node: 'a' },
    /No such node: a/,
  ],
})

test('draining a node is disruptive', () => {
  const plan = docker
    .node({ node: 'a', availability: 'drain' })
    .decide(makeOutput(node()), nothingPending)
  assert.ok(
    plan && !(plan instanceof Unknown) && plan.disruptive === 'the tasks of a move to other nodes',
  )
})

test.run()
