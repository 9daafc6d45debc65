import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkFreshness, type Freshness } from '../../../lib/backups/freshness.ts'
import { countBackupsToKeep } from '../../../lib/backups/retention.ts'
import { type BackupCheck, decideVerdict, REQUIRED_CHECKS } from '../../../lib/backups/verdict.ts'

const test = suite('verdicts')
const passed = REQUIRED_CHECKS.map(
  (name): BackupCheck => ({ name, is: 'passed', detail: 'well', seconds: 1 }),
)
const change = (name: string, is: BackupCheck['is'], detail: string): BackupCheck[] =>
  passed.map(check => (check.name === name ? { ...check, is, detail } : check))

test('PASS takes every check', () => {
  assert.equal(decideVerdict(passed), { verdict: 'PASS', reasons: [] })
})

for (const name of REQUIRED_CHECKS)
  test(`without "${name}" nothing passes, nor if it could not be made, nor if it failed`, () => {
    assert.equal(decideVerdict(passed.filter(check => check.name !== name)), {
      verdict: 'COULD NOT VERIFY',
      reasons: [`not checked: ${name}`],
    })
    assert.equal(decideVerdict(change(name, 'unverified', 'the bucket does not answer')), {
      verdict: 'COULD NOT VERIFY',
      reasons: [`${name}: the bucket does not answer`],
    })
    assert.equal(decideVerdict(change(name, 'failed', 'it is gone')), {
      verdict: 'FAIL',
      reasons: [`${name}: it is gone`],
    })
  })

test('a fault that was found counts, whatever else could not be looked at', () => {
  const both = change('redis', 'failed', 'cut off').map(check =>
    check.name === 'assets' ? { ...check, is: 'unverified' as const } : check,
  )
  assert.equal(decideVerdict(both), { verdict: 'FAIL', reasons: ['redis: cut off'] })
  assert.is(decideVerdict([]).verdict, 'COULD NOT VERIFY')
})

const now = new Date('2026-11-28T03:00:00Z')
const age = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000)
const fresh = (more: Partial<Freshness>): string => {
  const { is, detail } = checkFreshness({
    name: 'freshness',
    newest: age(1),
    sizes: [],
    maxHours: 26,
    now,
    ...more,
  })
  return `${is}: ${detail}`
}
const ages: [string, Partial<Freshness>, RegExp][] = [
  ['recent', {}, /^passed: 2026-11-28T02:00:00.000Z, 60 min old$/],
  ['at its limit', { newest: age(26) }, /^passed/],
  ['too old', { newest: age(26.1) }, /^failed: .* 26 h old; 26 h are allowed$/],
  ['none', { newest: null }, /^failed: there is no backup$/],
  ['in the future', { newest: age(-1) }, /^unverified: .*a clock is wrong$/],
  ['a skew of seconds', { newest: age(-0.01) }, /^passed/],
  ['half the size of those before', { sizes: [49, 100, 100, 90] }, /^failed: 49 bytes/],
  ['smaller by less', { sizes: [50, 100, 100, 90] }, /^passed/],
  ['the first one', { sizes: [10] }, /^passed/],
  ['two before it', { sizes: [49, 80, 120] }, /^failed: 49 bytes.* 100 \(median\)$/],
]
for (const [what, more, wanted] of ages)
  test(`a backup that is ${what}`, () => assert.match(fresh(more), wanted))

test('retention keeps the days, and the backup from which the first of them is restored', () => {
  const daily = Array.from({ length: 50 }, (_, day) => ({
    name: `${day}`,
    startedAt: age(day * 24 + 1),
    stoppedAt: age(day * 24 + 1),
    compressedSize: 1,
    uncompressedSize: 1,
    lastBinlog: null,
    isPermanent: false,
  }))
  assert.is(countBackupsToKeep(daily, { now, days: 35 }), 36)
  assert.is(countBackupsToKeep(daily.slice(40), { now, days: 35 }), 2)
  assert.is(countBackupsToKeep([], { now, days: 35 }), 2)
})

test.run()
