import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { appendToLedger } from '../../../lib/verification/ledger-file.ts'
import { openSigningKey } from '../../../lib/verification/signing-key.ts'
import { findProof } from '../../../playbooks/backup/proof.ts'
import type { ShownJob } from '../../../playbooks/backup/status.ts'
import {
  computeStatusCode,
  formatAge,
  formatBackups,
  formatProof,
  formatStatus,
} from '../../../playbooks/backup/words.ts'

const test = suite('the words of backup.ts')

const full = {
  name: 'stream_20261128T010000Z',
  startedAt: new Date('2026-11-28T01:00:00Z'),
  stoppedAt: new Date('2026-11-28T01:00:09.5Z'),
  compressedSize: 1_922_222,
  uncompressedSize: 9_000_000,
  lastBinlog: 'mariadb-bin.000001',
  isPermanent: false,
  hasManifest: true,
  binlogs: {
    last: 'mariadb-bin.000004',
    reachesTo: new Date('2026-11-28T08:20:01Z'),
    missing: null,
  },
}

test('backups are a table each', () => {
  const lines = formatBackups({
    environment: 'stage',
    fullBackups: [
      full,
      {
        ...full,
        isPermanent: true,
        hasManifest: false,
        binlogs: { last: null, reachesTo: null, missing: 'mariadb-bin.000002' },
      },
      { ...full, hasManifest: null, binlogs: null },
    ],
    snapshots: [
      {
        id: 'ab'.repeat(32),
        takenAt: new Date('2026-11-28T01:30:02Z'),
        host: 'stage',
        paths: ['/app/shared'],
        tags: ['files'],
      },
    ],
    faults: [],
  })
  assert.equal(
    lines.map(line => line.replace(/ {2,}/g, '  ')),
    [
      "Full backups of stage's database:",
      '  NAME  TAKEN (UTC)  SIZE  MANIFEST  BINARY LOGS',
      '  stream_20261128T010000Z  2026-11-28 01:00:09  1.8 MiB  yes  ' +
        'to 2026-11-28 08:20:01 (mariadb-bin.000004)',
      '  stream_20261128T010000Z (permanent)  2026-11-28 01:00:09  1.8 MiB  NONE  ' +
        'none since, GAP: mariadb-bin.000002 is missing',
      '  stream_20261128T010000Z  2026-11-28 01:00:09  1.8 MiB  not known  not known',
      "Snapshots of stage's files and of Redis:",
      '  ID  TAKEN (UTC)  OF',
      '  abababab  2026-11-28 01:30:02  files',
    ],
  )
  assert.is(lines[1]?.indexOf('TAKEN'), lines[2]?.indexOf('2026-11-28'))
})

test('nothing is said to be none only if it was looked at', () =>
  assert.equal(
    formatBackups({
      environment: 'e',
      fullBackups: [],
      snapshots: null,
      faults: ['snapshots: no'],
    }),
    [
      "Full backups of e's database:",
      '  none',
      "Snapshots of e's files and of Redis:",
      '  not known',
    ],
  ))

const job: ShownJob = {
  job: 'full',
  is: 'ok',
  isRunning: false,
  began: '2026-11-28T01:00:00Z',
  ended: '2026-11-28T01:04:00Z',
  ageSeconds: 26_190,
  schedule: '0 1 * * *',
  due: '2026-11-28T01:00:00.000Z',
  text: 'stream_20261128T010000Z',
}
const row = (more: Partial<ShownJob>): string =>
  formatStatus([{ ...job, ...more }], 'proof')[1]!
    .trim()
    .replace(/ {2,}/g, '  ')

test('a job is a row: its state, its last run, its schedule, what it said', () => {
  assert.is(
    row({}),
    'full  ok  2026-11-28 01:00:00  2026-11-28 01:04:00  7 h  0 1 * * *  stream_20261128T010000Z',
  )
  assert.match(
    row({ is: 'stale', isRunning: true }),
    /^full {2}STALE, runs .*was due at 2026-11-28 01:00:00; last: stream/,
  )
  assert.match(row({ is: 'failed', text: 'a\nb' }), /^full {2}FAILED .* a b$/)
  assert.match(row({ is: 'unjudged', due: null }), /not judged .*schedule is not understood here/)
  assert.is(
    row({ is: 'unread', began: null, ended: null, ageSeconds: null, text: 'no task runs' }),
    'full  NOT KNOWN  -  -  -  0 1 * * *  no task runs',
  )
})

const codes: Record<string, [readonly ShownJob['is'][], 'none' | 'proven' | 'broken', number]> = {
  'all well': [['ok', 'waiting'], 'proven', 0],
  'nothing proven here': [['ok'], 'none', 0],
  'one failed': [['unread', 'failed'], 'none', 2],
  'one is stale': [['ok', 'stale'], 'none', 2],
  'one is not known': [['ok', 'unread'], 'none', 4],
  'one cannot be judged': [['ok', 'unjudged'], 'none', 4],
  'the ledger was changed': [['ok', 'unread'], 'broken', 2],
}
for (const [title, [states, is, code]] of Object.entries(codes))
  test(`exit code ${code}: ${title}`, () =>
    assert.is(
      computeStatusCode(
        states.map(is => ({ is })),
        { is },
      ),
      code,
    ))

test('ages', () =>
  assert.equal([40, 700, 30_000, 300_000].map(formatAge), ['40 s', '12 min', '8 h', '3 d']))

test('the last proof is looked up in the ledger, which must be whole', async () => {
  const state = mkdtempSync(join(tmpdir(), 'brdtest-proof-'))
  try {
    const say = async (environment: string) =>
      formatProof(environment, await findProof(state, environment), state)
    assert.match(await say('stage'), /^Never proven restorable on this machine \(.*\): npx zx /)
    const key = await openSigningKey(join(state, 'signing-key.pem'), { mayMake: true })
    const add = (at: string, verdict: 'PASS' | 'FAIL') =>
      appendToLedger(
        state,
        {
          at,
          environment: 'stage',
          verdict,
          restorableTo: verdict === 'PASS' ? '2026-11-27T02:00:00Z' : null,
          backup: null,
          reasons: [],
          verifier: 'keeper',
        },
        { ...key, publicKeys: [key.publicKey] },
      )
    await add('2026-11-27T02:10:00Z', 'PASS')
    await add('2026-11-28T02:10:00Z', 'FAIL')
    assert.is(
      await say('stage'),
      'Last proven restorable, to 2026-11-27 02:00:00 UTC: 2026-11-27 02:10:00 UTC, by keeper',
    )
    assert.match(await say('feature'), /^Never proven/)
    writeFileSync(join(state, 'ledger'), 'a line of somebody else\n')
    assert.match(await say('stage'), /cannot be trusted: .*ledger, line 1: is not an entry/)
  } finally {
    rmSync(state, { recursive: true })
  }
})

test.run()
