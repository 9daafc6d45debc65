import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import {
  explainGivingUp,
  type HostShare,
  parseShare,
  splitIntoBatches,
} from '../../../lib/run/host-share.ts'

const sizes = (count: number, sizes?: readonly HostShare[]): number[] =>
  splitIntoBatches(
    Array.from({ length: count }, (_, i) => i),
    sizes,
  ).map(batch => batch.length)

const rows: [
  title: string,
  count: number,
  sizes: readonly HostShare[] | undefined,
  batches: number[],
][] = [
  ['without a size all hosts are one batch', 5, undefined, [5]],
  ['no host is no batch', 0, [2], []],
  ['one after another', 3, [1], [1, 1, 1]],
  ['the last may be smaller', 5, [2], [2, 2, 1]],
  ['a share is rounded down', 10, ['35%'], [3, 3, 3, 1]],
  ['but one host at least', 3, ['10%'], [1, 1, 1]],
  ['the whole', 7, ['100%'], [7]],
  ['one first, then more: the last size holds on', 10, [1, '30%'], [1, 3, 3, 3]],
  ['more than there are', 2, [9], [2]],
]
for (const [title, count, given, batches] of rows)
  test(`batches: ${title}`, () => assert.equal(sizes(count, given), batches))

test('batches keep the order', () =>
  assert.equal(splitIntoBatches(['a', 'b', 'c'], [2]), [['a', 'b'], ['c']]))

const borne: [failed: number, all: number, most: HostShare, says: string | null][] = [
  [0, 4, 0, null],
  [1, 4, 0, '1 of 4 hosts failed, and at most 0 may'],
  [1, 4, 1, null],
  [2, 4, 1, '2 of 4 hosts failed, and at most 1 may'],
  [1, 4, '25%', null],
  [2, 4, '25%', '2 of 4 hosts failed, and at most 25% may'],
  [1, 9, '10%', '1 of 9 hosts failed, and at most 10% may'],
  [9, 9, '100%', null],
]
for (const [failed, all, most, says] of borne)
  test(`${failed} of ${all} where ${most} may`, () =>
    assert.is(explainGivingUp(failed, all, most), says))

test('shares as they are typed', () => {
  assert.equal(
    [
      parseShare('--serial', '2', 1),
      parseShare('--serial', ' 30% ', 1),
      parseShare('--max-fail', '0', 0),
    ],
    [2, '30%', 0],
  )
  for (const text of ['0', 'x', '-1', '1.5', '101%', '', '%', '0%'])
    assert.throws(
      () => parseShare('--serial', text, 1),
      (error: Error) =>
        error instanceof InputError &&
        error.message.startsWith(`--serial ${text}: must be a number of hosts`),
    )
})

test.run()
