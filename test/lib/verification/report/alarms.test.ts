import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BackupCheck } from '../../../../lib/backups/verdict.ts'
import { hideSecret, Secret } from '../../../../lib/secret.ts'
import type { EnvironmentNight } from '../../../../lib/verification/night.ts'
import {
  type LastProof,
  listAlarms,
  listKeepingAlarms,
} from '../../../../lib/verification/report/alarms.ts'
import { createEnvironmentNight, createNight } from '../../../support/sample-night.ts'

const test = suite('alarms of a verification')

const ended = '2026-11-26T10:12:00.000Z'
const failed = (name: string, detail: string): BackupCheck => ({
  name,
  is: 'failed',
  detail,
  seconds: 1,
})
const fail = (...checks: BackupCheck[]): Partial<EnvironmentNight> => ({
  verdict: 'FAIL',
  checks,
  reasons: checks.map(({ name, detail }) => `${name}: ${detail}`),
})
const say = (night: Partial<EnvironmentNight>, ...proofs: LastProof[]): string[] =>
  listAlarms(createNight([createEnvironmentNight(night)], { ended }), proofs).map(
    ({ text }) => text,
  )
const proof: LastProof = {
  environment: 'stage',
  provenAt: '2026-11-25T03:20:00.000Z',
  restorableTo: '2026-11-25T03:12:07.000Z',
}
const gap = failed('binary logs without a gap', 'binlog 000412 missing')
const act = 'Do: `npx zx playbooks/backup.ts --env stage now`.'

test('a changed ledger and results that were not kept are alarms, in one line each', () => {
  assert.equal(listKeepingAlarms({ ledger: null, results: [] }, 'verifier'), [])
  assert.equal(
    listKeepingAlarms(
      { ledger: '/state/ledger, line 4:\n  is not an entry', results: ['no room.', 'b'] },
      'verifier',
    ),
    [
      {
        environment: null,
        about: 'ledger',
        text:
          'The ledger of backups on verifier CANNOT BE TRUSTED: /state/ledger, line 4: is not an ' +
          'entry. What it says was proven is not known to be true, and nothing is added to it. ' +
          'Do: find out who changed it; then bring it back from a copy, or begin one in another ' +
          'folder (--state).',
      },
      {
        environment: null,
        about: 'results',
        text:
          'The results of this night COULD NOT BE KEPT on verifier: no room (and 1 more). ' +
          'Do: remove the cause, then `npx zx playbooks/verify-backups.ts`.',
      },
    ],
  )
})

test('nothing is said of a night in which all passed', () => assert.equal(say({}, proof), []))

test('a failure says what is lost, up to the moment that was restored in this night', () =>
  assert.equal(say({ ...fail(gap), restorableTo: '2026-11-25T03:12:07.000Z' }), [
    'stage NOT restorable after 25 Nov 03:12 UTC: binary logs without a gap: ' +
      `binlog 000412 missing. Loss if it dies now: 31 h, growing. ${act}`,
  ]))

test('without such a moment, the last proof counts, and is called one', () =>
  assert.equal(say({ ...fail(gap), restorableTo: null }, proof), [
    'stage NOT proven restorable after 25 Nov 03:12 UTC: binary logs without a gap: ' +
      `binlog 000412 missing. Loss if it dies now: 31 h, growing. ${act}`,
  ]))

test('if nothing was ever proven, everything is lost', () => {
  const text =
    'stage NOT restorable, and it was never proven to be: freshness of the database: ' +
    `there is no backup. Loss if it dies now: everything. ${act}`
  const night = {
    ...fail(failed('freshness of the database', 'there is no backup')),
    restorableTo: null,
  }
  assert.equal(say(night), [
    'stage NOT restorable, and when it last was is not known: freshness of the database: ' +
      `there is no backup. Loss if it dies now: not known. ${act}`,
  ])
  assert.equal(say(night, { ...proof, provenAt: null, restorableTo: null }), [text])
})

test('if files alone fail, the database is not called lost', () =>
  assert.equal(
    say({
      ...fail(failed('redis', 'there is no backup of Redis'), failed('assets', 'a.jpg is missing')),
      restorableTo: '2026-11-26T10:08:00.000Z',
    }),
    [
      'stage NOT wholly restorable: redis: there is no backup of Redis (and 1 more). ' +
        `Its database is, to 26 Nov 10:08 UTC. ${act}`,
    ],
  ))

test('what could not be verified is not called lost', () => {
  const night = {
    verdict: 'COULD NOT VERIFY',
    reasons: ['freshness of the database: the bucket of stage: no answer in time.'],
    restorableTo: null,
  } as const
  const begins =
    'stage COULD NOT BE VERIFIED: freshness of the database: the bucket of stage: ' +
    'no answer in time.'
  const ends = 'Do: remove the cause, then `npx zx playbooks/verify-backups.ts --env stage`.'
  assert.equal(say(night, proof), [
    `${begins} Proven restorable to 25 Nov 03:12 UTC; nothing is known of the 31 h since. ${ends}`,
  ])
  assert.equal(say(night), [`${begins} When it was last proven restorable is not known. ${ends}`])
  assert.equal(say(night, { ...proof, provenAt: null, restorableTo: null }), [
    `${begins} Nothing of it was ever proven restorable. ${ends}`,
  ])
  assert.equal(say({ ...night, restorableTo: '2026-11-26T10:08:00.000Z' }), [
    `${begins} Its database was restored, to 26 Nov 10:08 UTC. ${ends}`,
  ])
})

test('an environment that the night left out is stale after 26 hours, and not before', () => {
  const others = (provenAt: string | null): LastProof => ({
    environment: 'prod',
    provenAt,
    restorableTo: provenAt,
  })
  assert.equal(say({}, others('2026-11-25T08:12:00.000Z')), [])
  assert.equal(say({}, others('2025-11-25T08:11:59.000Z')), [
    'prod was NOT VERIFIED tonight, and its last PASS is 366 days old (26 h are allowed). ' +
      'Proven restorable to 25 Nov 2025 08:11 UTC; nothing is known of the 366 days since. ' +
      'Do: `npx zx playbooks/verify-backups.ts --env prod`.',
  ])
  assert.equal(say({}, others('2026-11-25T08:11:59.000Z')).length, 1)
  assert.equal(say({}, others(null)), [
    'prod was NOT VERIFIED tonight, and never was with success. ' +
      'Nothing of it was ever proven restorable. ' +
      'Do: `npx zx playbooks/verify-backups.ts --env prod`.',
  ])
})

test('each environment has one alarm, with what it is about', () => {
  const night = createNight(
    [
      createEnvironmentNight({ ...fail(gap), environment: 'a' }),
      createEnvironmentNight({ environment: 'b', verdict: 'COULD NOT VERIFY' }),
      createEnvironmentNight({ environment: 'c' }),
    ],
    { ended },
  )
  const proofs = ['a', 'b', 'c', 'd'].map(environment => ({
    environment,
    provenAt: null,
    restorableTo: null,
  }))
  assert.equal(
    listAlarms(night, proofs).map(({ environment, about }) => `${environment} ${about}`),
    ['a FAIL', 'b COULD NOT VERIFY', 'd stale'],
  )
})

test('a reason controls no terminal, shows no secret, and has its limit', () => {
  hideSecret(new Secret('hunter2-hunter2', 'stage/backup-read-secret-key'))
  const [text = ''] = say({
    ...fail(failed('manifest', `\x1b[2Jx\r\nhunter2-hunter2 ${'y'.repeat(400)}`)),
  })
  assert.match(text, 'manifest: ␛[2Jx␍ (secret stage/backup-read-secret-key) yyy')
  assert.match(text, /y… ?\. Loss|y…\. Loss/)
  assert.is(/y+/g.exec(text.slice(text.indexOf('yyy')))![0].length < 300, true)
})

test.run()
