import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  findNewestBackup,
  readArchivedBinlogs,
  readFullBackups,
} from '../../../lib/backups/full-backup.ts'
import { Unreadable } from '../../../lib/backups/unreadable.ts'

const test = suite('full backups')

/** As wal-g 3.0.9 prints it: one line, a newline at the end. */
const listed = (name: string, more: object = {}): object => ({
  backup_name: name,
  modify_time: '2026-11-26T02:00:09Z',
  binlog_start: '',
  binlog_end: 'mariadb-bin.000003',
  start_local_time: '2026-11-26T02:00:00.123456Z',
  stop_local_time: '2026-11-26T03:00:09.654321+01:00',
  uncompressed_size: 250_000_000,
  compressed_size: 192_480_170,
  hostname: 'a1b2',
  is_permanent: false,
  ...more,
})
const print = (...all: object[]): string => `${JSON.stringify(all)}\n`

test('times are read with their zones, sizes in bytes', () => {
  assert.equal(readFullBackups(print(listed('stream_20261126T020000Z'))), [
    {
      name: 'stream_20261126T020000Z',
      startedAt: new Date('2026-11-26T02:00:00.123Z'),
      stoppedAt: new Date('2026-11-26T02:00:09.654Z'),
      compressedSize: 192_480_170,
      uncompressedSize: 250_000_000,
      lastBinlog: 'mariadb-bin.000003',
      isPermanent: false,
    },
  ])
  assert.equal(readFullBackups('[]\n'), [])
  const first = readFullBackups(print(listed('stream_20261126T020000Z', { binlog_end: '' })))
  assert.is(first[0]?.lastBinlog, null)
})

test('the newest is the one with the latest name, also if an old one was marked since', () => {
  const all = readFullBackups(
    print(
      listed('stream_20261127T020000Z'),
      listed('stream_20261125T020000Z', {
        modify_time: '2026-11-28T09:00:00Z',
        is_permanent: true,
      }),
      listed('stream_20261126T020000Z'),
    ),
  )
  assert.equal(
    all.map(({ name }) => name.slice(7, 15)),
    ['20261125', '20261126', '20261127'],
  )
  assert.is(findNewestBackup(all.toReversed())?.name, 'stream_20261127T020000Z')
  assert.is(findNewestBackup([]), null)
})

test('the archive of binary logs', () => {
  assert.equal(
    readArchivedBinlogs(
      '[{"name":"mariadb-bin.000001","size":661,"last_modified":"2026-11-26T02:05:00Z"}]\n',
    ),
    [{ name: 'mariadb-bin.000001', archivedAt: new Date('2026-11-26T02:05:00Z') }],
  )
})

for (const [what, text] of Object.entries({
  nothing: '',
  'a cut line': '[{"backup_name":"stream_20261126T020',
  'a message': 'ERROR: 2026/11/26 02:00:00.000000 SignatureDoesNotMatch',
  'another shape': '{"backups":[]}',
  'a time that is none': print(listed('stream_20261126T020000Z', { stop_local_time: 'soon' })),
  'a name that is none': print(listed('LATEST')),
}))
  test(`${what} is not an empty list`, () => {
    assert.throws(
      () => readFullBackups(text),
      (error: unknown) => error instanceof Unreadable,
    )
    assert.throws(
      () => readArchivedBinlogs(text),
      (error: unknown) => error instanceof Unreadable,
    )
  })

test.run()
