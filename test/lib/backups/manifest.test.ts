import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  compareObjects,
  compareUnit,
  type Manifest,
  type ManifestUnit,
  readManifest,
} from '../../../lib/backups/manifest.ts'
import { Unreadable } from '../../../lib/backups/unreadable.ts'

const test = suite('manifests')
const unit: ManifestUnit = {
  table: 'app.orders',
  where: '`id` > 500 AND `id` <= 1000',
  gtid: '0-1-6',
  rows: '500',
  xor: '18446744073709551615',
  sum: '1073741824000',
}
const whole: Manifest = {
  version: 1,
  environment: 'stage',
  backup: 'stream_20261126T020000Z',
  began: '2026-11-26T02:00:10Z',
  ended: '2026-11-26T02:00:12Z',
  gtid: '0-1-9',
  units: [unit],
  notComparable: [{ table: 'app.counters', reason: 'engine MyISAM' }],
  objects: { 'table app.orders': 'a'.repeat(64) },
}
const of = { environment: 'stage', backup: 'stream_20261126T020000Z' }

test('a manifest is read, with numbers that no double holds', () =>
  assert.equal(readManifest(JSON.stringify(whole), of), whole))

for (const [what, text, wanted] of [
  ['nothing', '', /is not one/],
  ['a cut one', JSON.stringify(whole).slice(0, -9), /is not one/],
  ['an unknown word', JSON.stringify({ ...whole, more: 1 }), /is not one/],
  ['a position that is none', JSON.stringify({ ...whole, gtid: 'x' }), /is not one/],
  [
    'one of another environment',
    JSON.stringify({ ...whole, environment: 'prod' }),
    /is of prod, not of stage/,
  ],
  [
    'one of another backup',
    JSON.stringify({ ...whole, backup: 'stream_20261125T020000Z' }),
    /is of stream_20261125T020000Z, not of/,
  ],
] as const)
  test(`${what} is refused`, () =>
    assert.throws(
      () => readManifest(text, of),
      (error: unknown) => error instanceof Unreadable && wanted.test(error.message),
    ))

test('a unit is equal in rows, in their XOR and in their sum', () => {
  const { rows, xor, sum } = unit
  assert.is(compareUnit(unit, { rows, xor, sum }), null)
  const place = 'app.orders (`id` > 500 AND `id` <= 1000)'
  assert.is(compareUnit(unit, null), `${place}: the table is missing`)
  assert.is(
    compareUnit(unit, { rows: '0', xor: '0', sum: '0' }),
    `${place}: 0 rows, and the manifest says 500`,
  )
  const changed = `${place}: as many rows, but not the same ones`
  assert.is(compareUnit(unit, { rows, xor: '1', sum }), changed)
  // Two equal rows in place of two other equal ones: their XOR is the same.
  assert.is(compareUnit(unit, { rows, xor, sum: '1' }), changed)
  assert.is(compareUnit({ ...unit, where: '1' }, null), 'app.orders: the table is missing')
})

test('objects that are missing, more, or different', () => {
  const hash = (digit: string): string => digit.repeat(64)
  const wanted = { 'routine app.a': hash('a'), 'user app@%': hash('b'), 'view app.v': hash('c') }
  assert.equal(compareObjects(wanted, wanted), [])
  assert.equal(
    compareObjects(wanted, {
      'event app.e': hash('d'),
      'routine app.a': hash('e'),
      'view app.v': hash('c'),
    }),
    [
      'event app.e is not in the manifest',
      'routine app.a is defined differently',
      'user app@% is missing',
    ],
  )
})

test.run()
