/** verify-backups as a process, without an engine: what is asked for, and what cannot be done. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeManifestKey } from '../../../lib/backups/manifest-key.ts'
import type { Night } from '../../../lib/verification/night.ts'
import { type BackupProject, makeBackupProject } from '../../support/backup-project.ts'
import { serveAnswers } from '../../support/serve-answers.ts'

const secrets = {
  'stage/backup-read-access-key': 'READ',
  'stage/backup-read-secret-key': 'a secret that nobody is shown',
  'stage/manifest-public-key': makeManifestKey('ab'.repeat(32)).publicKey,
  'stage/walg-key': 'cd'.repeat(32),
  'stage/restic': 'another that nobody is shown',
}
const makeProject = (more: { readonly secrets?: Record<string, string> } = {}) =>
  makeBackupProject({
    bucket: 'backups',
    endpoint: 'http://192.0.2.9:9001',
    engine: 'unix:///nonexistent/engine.sock',
    images: { walg: 'brd/walg:3.0.9', restic: 'brd/restic:1' },
    secrets,
    ...more,
  })

let project: BackupProject
test.before(async () => {
  project = await makeProject()
})
test.after(() => project?.remove())

const refused: Record<string, [readonly string[], RegExp]> = {
  'an environment that is unknown': [['--env', 'stagw'], /--env stagw: no such environment.*stage/],
  'one without backups': [['--env', 'bare'], /--env bare: hosts\.yaml has no backups of it/],
  'no number': [['--parallel', 'all'], /--parallel all: must be a whole number from 1 to 99/],
  'a part of the backups': [['--tags', 'database'], /--tags: backups are verified as a whole/],
}
for (const [title, [flags, said]] of Object.entries(refused))
  test(`bad input is exit code 1: ${title}`, async () => {
    const { code, stderr } = await project.verify(...flags)
    assert.match(stderr, said)
    assert.is(code, 1)
    assert.not.ok(existsSync(project.state))
  })

test('--check says what would be verified with which keys, and makes nothing', async () => {
  const { code, stdout, stderr } = await project.verify('--check')
  assert.is(code, 0, stderr)
  assert.match(stdout, 'backups at http://192.0.2.9:9001')
  assert.match(stdout, 'stage/backup-read-access-key')
  assert.not.match(stdout, 'nobody is shown')
  assert.not.ok(existsSync(project.state))
})

test('no engine: COULD NOT VERIFY, exit code 4, in ledger, night and file; twice', async () => {
  const file = join(project.state, '../night.json')
  for (const lines of [1, 2]) {
    const { code, stdout, stderr } = await project.verify('--json-file', file)
    assert.is(code, 4, stdout + stderr)
    assert.match(stdout, /^stage {2}COULD NOT VERIFY {2}c\n {4}no Docker engine answers here: /m)
    assert.match(stdout, new RegExp(`^ledger: ${lines} lines?, the last is [0-9a-f]{64}$`, 'm'))
    const night = JSON.parse(readFileSync(file, 'utf8')) as Night
    assert.equal(
      night.environments.map(({ environment, verdict }) => [environment, verdict]),
      [['stage', 'COULD NOT VERIFY']],
    )
    const ledger = readFileSync(join(project.state, 'ledger'), 'utf8')
    assert.is(ledger.split('\n').length - 1, lines)
    assert.match(ledger, '"verdict":"COULD NOT VERIFY","restorableTo":null')
  }
  assert.is(statSync(join(project.state, 'signing-key.pem')).mode & 0o777, 0o600)
  assert.is(statSync(project.state).mode & 0o777, 0o700)
})

test('NO_COLOR and a pipe have no colour, FORCE_COLOR has', async () => {
  const colored = /^\x1b\[1mstage\x1b\[22m {2}\x1b\[35mCOULD NOT VERIFY\x1b\[39m/m
  assert.not.match((await project.verify()).stdout, '\x1b')
  assert.match((await project.verifyIn({ FORCE_COLOR: '1', NO_COLOR: '' })).stdout, colored)
  assert.not.match((await project.verifyIn({ FORCE_COLOR: '1', NO_COLOR: '1' })).stdout, '\x1b')
})

test('--json prints the night, and nothing else', async () => {
  const { stdout } = await project.verify('--json')
  assert.is((JSON.parse(stdout) as Night).environments[0]?.verdict, 'COULD NOT VERIFY')
})

test('alarms are delivered, reports written, and what cannot be delivered is named', () =>
  serveAnswers([200, 404], async (url, seen) => {
    const other = await makeProject({ secrets: { ...secrets, hook: url, ping: url } })
    try {
      const metrics = join(other.state, '../brd.prom')
      const flags = ['--webhook', 'hook', '--ping', 'ping', '--prometheus-file', metrics]
      const first = await other.verify(...flags)
      assert.is(first.code, 4, first.stderr)
      assert.not.match(first.stderr, 'not delivered')
      assert.match(
        readFileSync(metrics, 'utf8'),
        'brd_backup_last_pass_timestamp_seconds{environment="stage"} 0\n',
      )
      assert.is(seen.length, 1)
      assert.match(
        JSON.parse(seen[0]?.body ?? '').text,
        /^stage COULD NOT BE VERIFIED: no Docker .* Nothing of it was ever proven/,
      )
      const second = await other.verify(...flags)
      assert.match(second.stderr, 'not delivered: webhook (hook: answered 404)')
      assert.is(seen.length, 2)
      const third = await other.verify('--webhook', 'hok')
      assert.match(third.stderr, '--webhook: the secret hok is not in the store')
      assert.is(third.code, 1)
    } finally {
      other.remove()
    }
  }))

test('a verification that runs is not overlapped: exit code 5', async () => {
  const lock = join(project.state, 'verification.lock')
  mkdirSync(project.state, { recursive: true })
  writeFileSync(lock, JSON.stringify({ pid: process.pid, id: 'of the test' }))
  const { code, stderr } = await project.verify()
  assert.match(stderr, `another verification runs, as process ${process.pid}: nothing is done`)
  assert.is(code, 5)
  // One that died is no hindrance.
  writeFileSync(lock, JSON.stringify({ pid: 2 ** 22, started: '1', id: 'dead' }))
  assert.is((await project.verify()).code, 4)
})

test('a ledger that was changed is said with its line, alarmed of, and not added to', () =>
  serveAnswers([200], async (url, seen) => {
    const other = await makeProject({ secrets: { ...secrets, hook: url } })
    try {
      await other.verify()
      const path = join(other.state, 'ledger')
      appendFileSync(path, 'a line of somebody else\n')
      const before = readFileSync(path, 'utf8')
      const { code, stdout, stderr } = await other.verify('--webhook', 'hook')
      assert.match(stderr, 'ledger, line 2: is not an entry of a ledger')
      assert.match(stdout, 'ledger: cannot be trusted, and nothing was added')
      assert.is(code, 4)
      assert.is(readFileSync(path, 'utf8'), before)
      const { text, alarms } = JSON.parse(seen[0]?.body ?? '{}')
      assert.equal(
        alarms.map((alarm: { about: string }) => alarm.about),
        ['COULD NOT VERIFY', 'ledger'],
      )
      assert.match(text, /^The ledger of backups on .* CANNOT BE TRUSTED: .*, line 2: /m)
    } finally {
      other.remove()
    }
  }))

test('a signing key that is gone beside its ledger holds up no verification', async () => {
  rmSync(join(project.state, 'signing-key.pem'))
  const before = readFileSync(join(project.state, 'ledger'), 'utf8')
  const { code, stdout, stderr } = await project.verify()
  assert.match(stderr, 'signing-key.pem: is missing, and the ledger beside it was signed with it')
  assert.match(stdout, /^stage {2}COULD NOT VERIFY {2}c\n {4}no Docker engine answers here: /m)
  assert.is(code, 4)
  assert.is(readFileSync(join(project.state, 'ledger'), 'utf8'), before)
  assert.not.ok(existsSync(join(project.state, 'signing-key.pem')))
})

test('a secret that the store lacks is named before anything is verified', async () => {
  const { 'stage/restic': _, ...rest } = secrets
  const other = await makeProject({ secrets: rest })
  try {
    const checked = await other.verify('--check')
    assert.match(checked.stdout, 'missing   stage/restic: not in the store')
    assert.is(checked.code, 4)
  } finally {
    other.remove()
  }
})

test.run()
