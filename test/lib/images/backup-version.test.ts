import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { explainMismatch, findVersion } from '../../../lib/images/backup-version.ts'

const said: Record<string, string | null> = {
  'mariadb-backup based on MariaDB server 10.11.18-MariaDB Linux (x86_64)\n': '10.11.18',
  'mariadb-backup based on MariaDB server 10.11.19-MariaDB debian-linux-gnu (x86_64)\n': '10.11.19',
  'mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)\n':
    '10.11.19',
  ['mariadbd  Ver 11.4.12-MariaDB-ubu2404 for debian-linux-gnu on x86_64 ' +
    '(mariadb.org binary distribution)\n']: '11.4.12',
  'xtrabackup version 8.0.35-31 based on MySQL server 8.0.35 Linux (x86_64)\n': null,
  '': null,
}
for (const [line, version] of Object.entries(said))
  test(`the version in: ${line.trim() || 'nothing'}`, () => assert.is(findVersion(line), version))

test('the same version is well, and another names both', () => {
  assert.is(explainMismatch('10.11.18', '10.11.18'), null)
  assert.is(
    explainMismatch('10.11.17', '10.11.18'),
    "wal-g's image has mariadb-backup 10.11.17 and the server's has MariaDB 10.11.18",
  )
})

test('a version that nobody told is not the same', () => {
  assert.match(explainMismatch(null, '10.11.18') ?? '', 'the image of wal-g does not print')
  assert.match(explainMismatch('10.11.18', null) ?? '', 'the image of the server does not print')
  assert.ok(explainMismatch(null, null))
})

test.run()
