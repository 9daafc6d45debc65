import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isGtid, isGtidAtOrBefore, readBinlogPosition } from '../../../lib/backups/position.ts'
import { Unreadable } from '../../../lib/backups/unreadable.ts'

const test = suite('positions')

test('where a full backup ends', () => {
  assert.equal(readBinlogPosition('mariadb-bin.000004\t611\t0-395383305-6\n'), {
    file: 'mariadb-bin.000004',
    offset: 611,
    gtid: '0-395383305-6',
  })
  assert.equal(readBinlogPosition('mariadb-bin.000001\t330\t\n'), {
    file: 'mariadb-bin.000001',
    offset: 330,
    gtid: null,
  })
})

for (const text of [
  '',
  '\n',
  'mariadb-bin.000004',
  'mariadb-bin.000004\tx\t0-1-1',
  '../a.000001\t1\t',
  'mariadb-bin.000004\t611\t0-1',
])
  test(`${JSON.stringify(text)} is no position`, () =>
    assert.throws(
      () => readBinlogPosition(text),
      (error: unknown) => error instanceof Unreadable,
    ))

const orders: [string, string, boolean][] = [
  ['0-1-5', '0-1-5', true],
  ['0-1-5', '0-2-6', true],
  ['0-1-6', '0-1-5', false],
  ['', '', true],
  ['', '0-1-1', true],
  ['0-1-1', '', false],
  ['0-1-5,1-1-3', '0-1-9', false],
  ['0-1-5', '0-1-9,1-1-3', true],
  ['0-1-9007199254740993', '0-1-9007199254740992', false],
]
for (const [one, other, is] of orders)
  test(`${one || 'nothing'} is ${is ? '' : 'not '}at or before ${other || 'nothing'}`, () =>
    assert.is(isGtidAtOrBefore(one, other), is))

test('a list of GTIDs has one for each domain, and nothing else', () => {
  assert.equal(
    ['0-1-5', '0-1-5,1-1-2', '', '0-1-5,', '0-1-5; DROP', '0-1'].map(text => isGtid(text)),
    [true, true, false, false, false, false],
  )
  assert.ok(isGtid('', true))
})

test.run()
