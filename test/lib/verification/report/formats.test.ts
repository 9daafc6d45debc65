import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatBytes } from '../../../../lib/verification/report/format-bytes.ts'
import { formatMoment } from '../../../../lib/verification/report/format-moment.ts'
import { formatSpan } from '../../../../lib/verification/report/format-span.ts'

const test = suite('spans, moments and sizes of a report')

const spans: [number, string][] = [
  [-5, '0 s'],
  [59.4, '59 s'],
  [59.5, '1 min'],
  [240, '4 min'],
  [5_969, '99 min'],
  [5_970, '2 h'],
  [31 * 3600, '31 h'],
  [71 * 3600, '71 h'],
  [72 * 3600, '3 days'],
  [366 * 86_400, '366 days'],
]
for (const [seconds, text] of spans) test(text, () => assert.is(formatSpan(seconds), text))

const sizes: [number, string][] = [
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [10_188, '9.9 KiB'],
  [10_240, '10 KiB'],
  [1_500_000_000, '1.4 GiB'],
  [41 * 1024 ** 3, '41 GiB'],
  [5000 * 1024 ** 4, '5000 TiB'],
]
for (const [bytes, text] of sizes) test(text, () => assert.is(formatBytes(bytes), text))

test('a moment has its year only if it is another one', () => {
  assert.is(formatMoment('2026-11-25T03:12:59.9Z', '2026-11-26T00:00:00Z'), '25 Nov 03:12')
  assert.is(formatMoment('2025-12-31T23:59:00Z', '2026-01-01T00:00:00Z'), '31 Dec 2025 23:59')
  assert.is(formatMoment('2026-11-25T03:12:00+02:00', '2026-11-26T00:00:00Z'), '25 Nov 01:12')
})

test.run()
