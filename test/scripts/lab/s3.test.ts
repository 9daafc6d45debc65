import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { assignPorts } from '../../../scripts/lab/s3.ts'

const at = (port: number) => ({ endpoint: `http://10.213.1.3:${port}` })

const rows: [string, string[], Record<string, { endpoint: string }>, [string, number][]][] = [
  [
    'a first lab counts from 9001',
    ['a', 'b'],
    {},
    [
      ['a', 9001],
      ['b', 9002],
    ],
  ],
  [
    'one more, wherever it stands, moves no other',
    ['new', 'a', 'b'],
    { a: at(9001), b: at(9002) },
    [
      ['a', 9001],
      ['b', 9002],
      ['new', 9003],
    ],
  ],
  [
    'one that is gone gives its port back only from the end',
    ['b'],
    { a: at(9001), b: at(9002) },
    [['b', 9002]],
  ],
  ['none, none', [], { a: at(9001) }, []],
]
for (const [name, names, before, ports] of rows)
  test(name, () => assert.equal([...assignPorts(names, before)], ports))

test.run()
