import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EnvironmentNight } from '../../../lib/verification/night.ts'
import {
  computeNightCode,
  formatCheck,
  formatPlan,
  formatProgress,
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

test('a plan names places, images and secrets, and what is missing', () => {
  const bucket = { name: 'backups', endpoint: 'https://s3.example', region: 'eu-1' }
  const origin = { environment: 'stage', cluster: 'c', generation: 2, bucket, walgKey: 1 }
  const secrets = {
    accessKey: 'stage/backup-read-access-key',
    secretKey: 'stage/backup-read-secret-key',
    manifest: 'stage/manifest-public-key',
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
