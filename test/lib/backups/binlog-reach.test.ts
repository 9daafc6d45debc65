import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BinlogReach, findReach } from '../../../lib/backups/binlog-reach.ts'

const test = suite('how far the binary logs of a backup reach')

const bin = (number: number): string => `mariadb-bin.${String(number).padStart(6, '0')}`
const at = (number: number): Date => new Date(number * 60_000)
const reach = (lastBinlog: string | null, ...numbers: number[]): BinlogReach =>
  findReach(
    { lastBinlog },
    numbers.map(number => ({ name: bin(number), archivedAt: at(number) })),
  )

const rows: Record<string, [BinlogReach, BinlogReach]> = {
  'to the last, by number': [
    reach(bin(3), 1, 2, 3, 5, 4),
    { last: bin(5), reachesTo: at(5), missing: null },
  ],
  'nothing was archived since': [
    reach(bin(3), 1, 2, 3),
    { last: null, reachesTo: null, missing: null },
  ],
  'the archive is empty': [reach(null), { last: null, reachesTo: null, missing: null }],
  'the first backup of an environment': [
    reach(null, 2, 1),
    { last: bin(2), reachesTo: at(2), missing: null },
  ],
  'a gap': [reach(bin(3), 3, 4, 6, 7), { last: bin(4), reachesTo: at(4), missing: bin(5) }],
  'a gap at the head': [reach(bin(3), 5, 6), { last: null, reachesTo: null, missing: bin(4) }],
  'a gap before the backup is not its own': [
    reach(bin(6), 4, 6, 7),
    { last: bin(7), reachesTo: at(7), missing: null },
  ],
}
for (const [title, [found, expected]] of Object.entries(rows))
  test(title, () => assert.equal(found, expected))

test('numbers grow past their digits', () =>
  assert.is(
    findReach({ lastBinlog: 'b.999999' }, [{ name: 'b.1000000', archivedAt: at(1) }]).last,
    'b.1000000',
  ))

test.run()
