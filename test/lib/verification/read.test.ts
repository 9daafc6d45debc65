import { createCipheriv, generateKeyPairSync, pbkdf2Sync, randomBytes, sign } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BackupCheck } from '../../../lib/backups/verdict.ts'
import { Secret } from '../../../lib/secret.ts'
import { beginChecks, Finding } from '../../../lib/verification/checks.ts'
import { explainWalg, findError, type WalgFailure } from '../../../lib/verification/explain-walg.ts'
import { openManifest, type SealedManifest } from '../../../lib/verification/read-manifest.ts'
import { readTree } from '../../../lib/verification/restic-tree.ts'

const test = suite('what a verification reads')

/** What wal-g 3.0.9 printed when each was made to happen. */
const failures: [string, WalgFailure][] = [
  ['ERROR: 2026/11/26 02:00:00.000000 SignatureDoesNotMatch: status code: 403', 'no access'],
  ['ERROR: 2026/11/26 02:00:00.000000 NoSuchBucket: status code: 404', 'no access'],
  [
    'ERROR: x libsodium Crypter: unable to read key from file: open /run/secrets/walg-key',
    'no access',
  ],
  ['ERROR: x corrupted chunk', 'damaged'],
  ['ERROR: x unexpected EOF', 'damaged'],
  ["ERROR: x Archive 'basebackups_005/a/stream.zst' does not exist.", 'missing'],
  ["ERROR: x Backup 'stream_20261126T020000Z' does not exist.", 'missing'],
  ["ERROR: x object 'binlog_005/a.zst' not found in storage", 'missing'],
  [
    'ERROR: x RequestError: send request failed caused by: dial tcp: connection refused',
    'unreachable',
  ],
  [
    'mbstream: Can\'t write (Errcode: 28 "No space left on device")\nERROR: x broken pipe',
    'no space',
  ],
  ['ERROR: x corrupted chunk\nno space left on device', 'no space'],
  ['ERROR: x something new', 'other'],
]
for (const [stderr, is] of failures)
  test(`${is}: ${stderr.slice(0, 60)}`, () => assert.is(explainWalg(stderr), is))

test('the error is the last line that says so, without its time', () => {
  assert.is(
    findError('INFO: a\nERROR: 2026/11/26 02:00:00.123456 corrupted chunk\nnote'),
    'corrupted chunk',
  )
  assert.is(findError('only this\n'), 'only this')
  assert.is(findError(''), '')
})

const signer = generateKeyPairSync('ed25519')
const publicKey = signer.publicKey.export({ type: 'spki', format: 'pem' }) as string
const of = { environment: 'stage', backup: 'stream_20261126T020000Z' }
const contents = {
  version: 1,
  ...of,
  began: '2026-11-26T02:00:10Z',
  ended: '2026-11-26T02:00:12Z',
  gtid: '0-1-9',
  units: [],
  notComparable: [],
  objects: {},
}
/** As `openssl enc -aes-256-ctr -pbkdf2 -iter 100000 -salt` and `openssl pkeyutl -sign` do it. */
const seal = (text: string, password = 'hunter2'): SealedManifest => {
  const salt = randomBytes(8)
  const key = pbkdf2Sync(password, salt, 100_000, 48, 'sha256')
  const cipher = createCipheriv('aes-256-ctr', key.subarray(0, 32), key.subarray(32))
  const encrypted = Buffer.concat([Buffer.from('Salted__'), salt, cipher.update(text)])
  return { encrypted, signature: sign(null, encrypted, signer.privateKey) }
}
const open = (sealed: SealedManifest, password = 'hunter2\n') =>
  openManifest(sealed, of, { publicKey, password: new Secret(password, 'key') })
const refused = (sealed: SealedManifest, is: Finding['is'], words: RegExp, password?: string) =>
  assert.throws(
    () => open(sealed, password),
    (error: unknown) => error instanceof Finding && error.is === is && words.test(error.message),
  )

test('a manifest that is whole', () => assert.equal(open(seal(JSON.stringify(contents))), contents))

test('an edited manifest, or signature, fails', () => {
  const sealed = seal(JSON.stringify(contents))
  const edited = Buffer.from(sealed.encrypted)
  edited[40]! ^= 1
  refused({ ...sealed, encrypted: edited }, 'failed', /not signed by this environment/)
  refused({ ...sealed, signature: randomBytes(64) }, 'failed', /not signed/)
  refused({ ...sealed, signature: Buffer.alloc(0) }, 'failed', /not signed/)
})

test('another key cannot verify: the backup is not at fault', () =>
  refused(seal(JSON.stringify(contents)), 'unverified', /does not open the manifest/, 'other'))

test('a manifest of another backup, or one that is none, fails', () => {
  refused(
    seal(JSON.stringify({ ...contents, backup: 'stream_20261125T020000Z' })),
    'failed',
    /is of stream_20261125T020000Z/,
  )
  refused(seal('{"version":2}'), 'failed', /is not one/)
})

test('a tree of restic: kinds, owners, permissions with their special bits', () => {
  const node = (path: string, type: string, mode: number): string =>
    JSON.stringify({ struct_type: 'node', name: 'x', type, path, uid: 33, gid: 34, size: 5, mode })
  const tree = readTree(
    [
      '{"struct_type":"snapshot","id":"x"}',
      node('/a', 'file', 0o640),
      // As Go writes a set-user-id bit and a sticky one.
      node('/b', 'file', 0o755 + 2 ** 23),
      node('/d', 'dir', 2 ** 31 + 2 ** 20 + 0o777),
      node('/l', 'symlink', 2 ** 27 + 0o777),
      '',
    ].join('\n'),
  )
  assert.equal(
    [...tree].map(([path, { kind, mode, uid, gid }]) => [path, kind, mode, uid, gid]),
    [
      ['/a', 'f', '640', 33, 34],
      ['/b', 'f', '4755', 33, 34],
      ['/d', 'd', '1777', 33, 34],
      ['/l', 'l', '777', 33, 34],
    ],
  )
  assert.throws(() => readTree('{"struct_type":"snapshot"}\nFatal: x\n'))
})

test('a check passes, fails by a finding, and otherwise could not be made', async () => {
  let clock = 0
  const told: BackupCheck[] = []
  const checks = beginChecks(
    () => (clock += 1500),
    check => told.push(check),
  )
  assert.ok(await checks.make('a', () => 'well'))
  assert.not(
    await checks.make('b', () => Promise.reject(new Finding('failed', 'a table is missing'))),
  )
  assert.not(await checks.make('c', () => Promise.reject(new Finding('unverified', 'no answer'))))
  assert.not(
    await checks.make('d', () => {
      throw new Error('a fault of the program')
    }),
  )
  assert.equal(checks.made, [
    { name: 'a', is: 'passed', detail: 'well', seconds: 1.5 },
    { name: 'b', is: 'failed', detail: 'a table is missing', seconds: 1.5 },
    { name: 'c', is: 'unverified', detail: 'no answer', seconds: 1.5 },
    { name: 'd', is: 'unverified', detail: 'a fault of the program', seconds: 1.5 },
  ])
  assert.equal(told, checks.made)
})

test.run()
