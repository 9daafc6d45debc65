import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ClusterName } from '../../../scripts/test/requirements.ts'
import { findNextTask, makeTask, orderTasks } from '../../../scripts/test/schedule.ts'

const test = suite('schedule')
const on = (...hosts: string[]) => ({ hosts, clusters: [] as ClusterName[] })
const sharing = (cluster: ClusterName, ...hosts: string[]) => ({ hosts, clusters: [cluster] })

test('a live test that the table does not name has the whole lab, and needs the images', () => {
  const { hosts, needs } = makeTask('test/live/new.test.ts')
  assert.equal({ hosts, needs }, { hosts: ['*'], needs: 'images' })
})

test('a unit test needs nothing', () => {
  const { hosts, needs } = makeTask('test/lib/new.test.ts')
  assert.equal({ hosts, needs }, { hosts: [], needs: 'nothing' })
})

test('a task has the hosts and needs of the table, and the hosts of its clusters', () => {
  assert.equal(makeTask('test/live/base.test.ts').hosts, ['new-prod'])
  assert.is(makeTask('test/live/base.test.ts').needs, 'hosts')
  assert.equal(makeTask('test/live/lab.test.ts').hosts, [])
  assert.equal(makeTask('test/live/environments.test.ts').hosts, ['old-one', 'old-two', 'new-prod'])
})

test('two tasks never share a host; a task with the whole lab has it alone', () => {
  const [a, b, ab, all, none] = [on('a'), on('b'), on('a', 'b'), on('*'), on()]
  assert.is(findNextTask([a, b], [a]), b)
  assert.is(findNextTask([ab], [b]), undefined)
  assert.is(findNextTask([all], [a]), undefined)
  assert.is(findNextTask([all], [none]), all)
  assert.is(findNextTask([a, none], [all]), none)
  assert.is(findNextTask([all], []), all)
})

test('the hosts of a raised cluster are kept for the pending tasks that share it', () => {
  const raised = new Set<ClusterName>(['brd-new-prod'])
  const [resets, shares] = [on('new-prod'), sharing('brd-new-prod', 'new-prod')]
  const [other, all] = [on('old-one'), on('*')]
  assert.is(findNextTask([resets, other], [], [resets, other, shares], raised), other)
  assert.is(findNextTask([all], [], [all, shares], raised), undefined)
  assert.is(findNextTask([resets, shares], [], [resets, shares], raised), shares)
  assert.is(findNextTask([resets], [], [resets], raised), resets)
  assert.is(findNextTask([resets], [], [resets, shares], new Set()), resets)
})

test('tasks come in the order of the table, those outside of it last', () => {
  const files = ['test/live/new.test.ts', 'test/live/rotation.test.ts', 'test/live/cluster.test.ts']
  assert.equal(
    orderTasks(files.map(makeTask)).map(({ file }) => file),
    files.toReversed(),
  )
})

test.run()
