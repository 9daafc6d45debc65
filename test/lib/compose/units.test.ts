import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseBytes, parseNanoseconds } from '../../../lib/compose/units.ts'

for (const [text, ns] of Object.entries({
  '500ms': 5e8,
  '5s': 5e9,
  '1m30s': 9e10,
  '2h': 7.2e12,
  '1.5s': 1.5e9,
}))
  test(`${text} is ${ns} ns`, () => assert.is(parseNanoseconds(text), ns))
for (const text of ['', '5', 's', '5 s', '5d'])
  test(`${JSON.stringify(text)} is no duration`, () =>
    assert.throws(() => parseNanoseconds(text), /not a duration/))
for (const [text, count] of Object.entries({
  '64M': 67_108_864,
  '1G': 1_073_741_824,
  '512K': 524_288,
}))
  test(`${text} is ${count} bytes`, () => assert.is(parseBytes(text), count))
for (const text of ['64', 'M', '1T', '64m'])
  test(`${text} is no amount of memory`, () =>
    assert.throws(() => parseBytes(text), /not an amount of memory/))

test.run()
