import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { explainRestic, type ResticFailure } from '../../../lib/backups/restic-failure.ts'
import {
  chooseGroup,
  countPacksRead,
  readBackupSummary,
  readSnapshots,
} from '../../../lib/backups/restic-output.ts'
import { Unreadable } from '../../../lib/backups/unreadable.ts'

const test = suite('restic')
const question = '\nIs there a repository at the following location?\ns3:http://x/b/p\n'

/** What restic 0.14.0 and 0.19.1 printed when each was made to happen. */
const failures: [number, string, ResticFailure][] = [
  [
    1,
    `Fatal: unable to open config file: Stat: The specified key does not exist.${question}`,
    'no repository',
  ],
  [
    10,
    'Fatal: repository does not exist: unable to open config file: Stat: The specified key does not exist.',
    'no repository',
  ],
  [
    1,
    `Fatal: unable to open config file: Stat: Head "http://x/b": dial tcp 127.0.0.1:9: connect: connection refused${question}`,
    'unreachable',
  ],
  [1, `Fatal: unable to open config file: Stat: Access Denied.${question}`, 'access denied'],
  [1, `Fatal: unable to open config file: Stat: 400 Bad Request${question}`, 'access denied'],
  [
    1,
    'Fatal: unable to open config file: s3.getCredentials: no credentials found',
    'access denied',
  ],
  [1, 'Fatal: wrong password or no key found', 'wrong password'],
  [12, 'Fatal: wrong password or no key found', 'wrong password'],
  [
    1,
    'unable to create lock in backend: repository is already locked exclusively by PID 7 on x by root',
    'locked',
  ],
  [11, 'repo already locked, waiting up to 0s for the lock', 'locked'],
  [
    1,
    '/app/shared does not exist, skipping\nFatal: all target directories/files do not exist',
    'source missing',
  ],
  [
    3,
    '{"message_type":"exit_error","code":3,"message":"Warning: at least one source file could not be read"}',
    'source missing',
  ],
  [
    1,
    'Pack ID does not match, want 01234567, got 89abcdef\nFatal: repository contains errors',
    'damaged',
  ],
  [
    1,
    'ignoring error for /a: ciphertext verification failed\nFatal: There were 2 errors',
    'damaged',
  ],
  [1, 'Load(<data/0123>, 0, 0): The specified key does not exist.', 'damaged'],
  [1, 'pack 0123: does not exist\nFatal: repository contains errors', 'damaged'],
  [1, 'pack 0123: unexpected file size: got 1000, expected 13951610', 'damaged'],
  [1, 'id 0123 not found in repository', 'damaged'],
  [1, 'write /restore/a: no space left on device', 'no space'],
  [2, 'signal: killed', 'other'],
]
for (const [code, stderr, is] of failures)
  test(`${is}: ${stderr.slice(0, 60)}`, () => assert.is(explainRestic(code, stderr), is))

test('snapshots of both versions, the oldest first', () => {
  const id = (digit: string): string => digit.repeat(64)
  assert.equal(
    readSnapshots(
      JSON.stringify([
        {
          time: '2026-11-27T03:00:00.1+01:00',
          parent: id('a'),
          tree: id('c'),
          paths: ['/app/shared'],
          hostname: 'stage',
          username: 'root',
          tags: ['files'],
          id: id('b'),
          short_id: 'bbbbbbbb',
          program_version: 'restic 0.19.1',
        },
        { time: '2026-11-26T02:00:00Z', paths: [], hostname: 'stage', id: id('a') },
      ]),
    ),
    [
      {
        id: id('a'),
        takenAt: new Date('2026-11-26T02:00:00Z'),
        host: 'stage',
        paths: [],
        tags: [],
      },
      {
        id: id('b'),
        takenAt: new Date('2026-11-27T02:00:00.100Z'),
        host: 'stage',
        paths: ['/app/shared'],
        tags: ['files'],
      },
    ],
  )
})

test('the summary is the last line, after lines of progress', () => {
  const line = {
    message_type: 'summary',
    files_new: 2,
    total_files_processed: 48,
    total_bytes_processed: 1024,
    snapshot_id: 'abcdef01',
  }
  assert.equal(
    readBackupSummary(`{"message_type":"status","percent_done":0}\n${JSON.stringify(line)}\n`),
    { snapshot: 'abcdef01', files: 48, bytes: 1024 },
  )
  for (const text of ['', '{"message_type":"status","percent_done":1}\n'])
    assert.throws(
      () => readBackupSummary(text),
      (error: unknown) => error instanceof Unreadable,
    )
})

test('the nights read one group after another, and begin again', () => {
  assert.equal(
    [null, 1, 15, 16, 99].map(last => chooseGroup(last, 16)),
    [1, 2, 16, 1, 1],
  )
})

test('a night that read nothing says so', () => {
  assert.is(countPacksRead('read group #3 of 0 data packs (out of total 3 packs in 16 groups)'), 0)
  assert.is(countPacksRead('read group #1 of 12 data packs (out of total 3 packs in 3 groups)'), 12)
  assert.is(countPacksRead('no errors were found'), null)
})

test.run()
