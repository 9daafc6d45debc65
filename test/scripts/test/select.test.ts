import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { selectFiles, type TestSelection } from '../../../scripts/test/select.ts'

const files = [
  'test/live/bootstrap.test.ts',
  'test/lib/sh.test.ts',
  'test/lib/shell.test.ts',
  'test/lib/ssh/open.test.ts',
]
const asked = (over: Partial<TestSelection> = {}) =>
  selectFiles(files, { paths: [], unit: false, live: false, ...over })

const rows: Record<string, [Partial<TestSelection>, string[], string[]]> = {
  'all, the unit ones apart from the live ones': [
    {},
    ['test/lib/sh.test.ts', 'test/lib/shell.test.ts', 'test/lib/ssh/open.test.ts'],
    ['test/live/bootstrap.test.ts'],
  ],
  'unit only': [{ unit: true, paths: ['test/lib/ssh'] }, ['test/lib/ssh/open.test.ts'], []],
  'live only': [{ live: true }, [], ['test/live/bootstrap.test.ts']],
  'a file, as a shell completes it': [
    { paths: ['./test/lib/sh.test.ts'] },
    ['test/lib/sh.test.ts'],
    [],
  ],
  'a folder, as a shell completes it': [
    { paths: ['test/live/'] },
    [],
    ['test/live/bootstrap.test.ts'],
  ],
  'part of a file name, not of a folder': [
    { only: 'sh' },
    ['test/lib/sh.test.ts', 'test/lib/shell.test.ts'],
    [],
  ],
}

for (const [name, [over, unit, live]] of Object.entries(rows))
  test(name, () => assert.equal(asked(over), { unit, live }))

test('a path without a test file is an error that names it', () => {
  assert.throws(
    () => asked({ paths: ['test/lib/shh.test.ts'] }),
    /no test file at test\/lib\/shh\.test\.ts/,
  )
})

test.run()
