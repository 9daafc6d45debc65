import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EnvironmentNight } from '../../../lib/verification/night.ts'
import { makeUnverified } from '../../../lib/verification/verify-environment.ts'
import {
  computeNightCode,
  formatCheck,
  formatPlan,
  formatProgress,
  formatTotal,
  formatVerdict,
} from '../../../playbooks/verify/words.ts'
import { describeBackupPlaces } from '../../../roles/environment/backup-places.ts'

const test = suite('the words of verify-backups')

const codes: [readonly EnvironmentNight['verdict'][], boolean, number][] = [
  [['PASS', 'PASS'], false, 0],
  [['PASS'], true, 6],
  [['PASS', 'COULD NOT VERIFY'], true, 4],
  [['COULD NOT VERIFY', 'FAIL', 'PASS'], true, 2],
  [[], false, 4],
]
for (const [verdicts, hasFaults, code] of codes)
  test(`${verdicts.join(', ') || 'nothing'}${hasFaults ? ', with a fault' : ''}: ${code}`, () =>
    assert.is(
      computeNightCode(
        verdicts.map(verdict => ({ verdict })),
        hasFaults,
      ),
      code,
    ))

test('a check is one line, whatever it found', () => {
  assert.is(
    formatCheck('stage', { name: 'canary', is: 'passed', detail: 'of 02:00', seconds: 1.24 }),
    'stage: ok  canary (1.2 s): of 02:00',
  )
  assert.is(
    formatCheck('stage', { name: 'redis', is: 'failed', detail: 'a\n  b', seconds: 0 }),
    'stage: FAILED  redis: a b',
  )
  assert.is(
    formatCheck('stage', { name: 'redis', is: 'unverified', detail: 'c', seconds: 0 }),
    'stage: not verified  redis: c',
  )
})

test('a row says how far it is, and what did not pass', () => {
  assert.is(formatProgress('stage', []), 'stage  0 checks')
  const made = [{ name: 'canary', is: 'failed', detail: 'none', seconds: 1 }] as const
  assert.is(formatProgress('stage', made), 'stage  1 check, 1 not passed, last: canary')
})

const unverified = makeUnverified({ environment: 'stage', cluster: 'c' }, 'no\nroom')
test('a verdict says what is proven, and each reason', () => {
  assert.equal(formatVerdict(unverified), ['stage: COULD NOT VERIFY', '  no room'])
  assert.equal(
    formatVerdict({
      ...unverified,
      verdict: 'PASS',
      reasons: [],
      restorableTo: '2026-11-28T01:58:30.000Z',
      rpoSeconds: 90,
      notCovered: ['assets'],
    }),
    [
      'stage: PASS; restorable to 2026-11-28T01:58:30.000Z; 1.5 min would be lost; not covered: assets',
    ],
  )
})

test('the last line counts', () => {
  assert.is(
    formatTotal({
      began: '2026-11-28T02:00:00.000Z',
      ended: '2026-11-28T02:06:30.000Z',
      host: 'verifier',
      runnerVersion: '0.1.0',
      environments: [unverified],
    }),
    '0 PASS, 0 FAIL, 1 COULD NOT VERIFY, in 6.5 min',
  )
})

test('a plan names places, images and secrets, and what is missing', () => {
  const bucket = { name: 'backups', endpoint: 'https://s3.example', region: 'eu-1' }
  const origin = { environment: 'stage', cluster: 'c', generation: 2, bucket, walgKey: 1 }
  const secrets = {
    accessKey: 'stage/backup-read-access-key',
    secretKey: 'stage/backup-read-secret-key',
    manifest: 'stage/manifest-key',
    walg: 'stage/walg-key',
    restic: 'stage/restic',
  }
  const found = {
    places: describeBackupPlaces(origin),
    images: { database: 'brd/walg:3', files: 'brd/restic:1' },
    secrets,
  }
  const plan = formatPlan('stage', found, ['stage/restic']).join('\n')
  for (const part of [
    'backups at https://s3.example (eu-1)',
    'stage/c-2/mariadb/, in the image brd/walg:3',
    'stage/c-2/manifests/',
    'stage/files/, in the image brd/restic:1',
    ...Object.values(secrets),
    'missing   stage/restic: not in the store',
  ])
    assert.ok(plan.includes(part), `${part} in ${plan}`)
  assert.not.match(formatPlan('stage', found, []).join('\n'), 'missing')
})

test.run()
