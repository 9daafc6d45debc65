import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BinlogChoice, selectBinlogs } from '../../../lib/backups/select-binlogs.ts'

const test = suite('the binary logs of a restore')

const choose = (from: string, ...names: string[]): BinlogChoice =>
  selectBinlogs(
    from,
    names.map(name => ({ name, archivedAt: new Date(0) })),
  )
const bin = (...numbers: number[]): string[] =>
  numbers.map(number => `mariadb-bin.${String(number).padStart(6, '0')}`)

const rows: Record<string, [BinlogChoice, BinlogChoice]> = {
  'from the file of the backup to the last, by number': [
    choose('mariadb-bin.000004', ...bin(5, 3, 7, 6, 4, 1)),
    { files: bin(4, 5, 6, 7) },
  ],
  'a file that is listed twice is replayed once': [
    choose('mariadb-bin.000004', ...bin(4, 4, 5)),
    { files: bin(4, 5) },
  ],
  'none yet, since the current one is not archived': [
    choose('mariadb-bin.000004', ...bin(1, 2, 3)),
    { files: [] },
  ],
  'a gap in the middle': [
    choose('mariadb-bin.000004', ...bin(4, 5, 7, 8)),
    { missing: 'mariadb-bin.000006', reaches: 'mariadb-bin.000005' },
  ],
  'a gap at the head': [
    choose('mariadb-bin.000004', ...bin(5, 6)),
    { missing: 'mariadb-bin.000004', reaches: null },
  ],
  'past the sixth digit': [
    choose('mariadb-bin.999999', ...bin(999999, 1000000, 1000001)),
    { files: bin(999999, 1000000, 1000001) },
  ],
  "another server's logs do not fill a gap": [
    choose('mariadb-bin.000004', ...bin(4, 6), 'mysqld-bin.000005'),
    { missing: 'mariadb-bin.000005', reaches: 'mariadb-bin.000004' },
  ],
}
for (const [what, [found, wanted]] of Object.entries(rows))
  test(what, () => assert.equal(found, wanted))

test.run()
