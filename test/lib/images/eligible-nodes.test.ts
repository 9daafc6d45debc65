import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { filterEligible } from '../../../lib/images/eligible-nodes.ts'

const nodes = [
  { name: 'one', manager: true, labels: { 'brd.env.stage': '1', disk: 'ssd' } },
  { name: 'two', manager: false, labels: { 'brd.env.stage': '1' } },
  { name: 'three', manager: false, labels: {} },
]

const rows: Record<string, [constraints: string[], names: string[]]> = {
  'no constraint: all': [[], ['one', 'two', 'three']],
  'a label': [['node.labels.brd.env.stage==1'], ['one', 'two']],
  'a label, with blanks': [['node.labels.brd.env.stage == 1'], ['one', 'two']],
  'a label that must not be so: one that is not there fits': [
    ['node.labels.disk!=ssd'],
    ['two', 'three'],
  ],
  'a label that nobody has': [['node.labels.brd.env.live==1'], []],
  'the role': [['node.role==manager'], ['one']],
  'the role that it must not have': [['node.role != manager'], ['two', 'three']],
  'a host name': [['node.hostname==two'], ['two']],
  'all of them hold': [['node.labels.brd.env.stage==1', 'node.role!=manager'], ['two']],
  'what cannot be told from here': [
    ['engine.labels.zone==a', 'node.id!=x'],
    ['one', 'two', 'three'],
  ],
}
for (const [title, [constraints, names]] of Object.entries(rows))
  test(title, () =>
    assert.equal(
      filterEligible(nodes, constraints).map(({ name }) => name),
      names,
    ),
  )

test.run()
