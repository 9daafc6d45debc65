import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  chooseSample,
  compareFiles,
  findUnchanged,
  type KeptFile,
  type ListedFile,
  readFileList,
  readSums,
} from '../../../lib/backups/file-list.ts'
import { Unreadable } from '../../../lib/backups/unreadable.ts'

const test = suite('lists of files')
const file = (path: string, more: Partial<ListedFile> = {}): ListedFile => ({
  kind: 'f',
  mode: '640',
  uid: 33,
  gid: 33,
  size: 4,
  changed: '1790000000.5',
  path,
  ...more,
})
const print = (all: readonly ListedFile[]): string =>
  all
    .map(
      one =>
        `${[one.kind, one.mode, one.uid, one.gid, one.size, one.changed, one.path].join('\x1f')}\0`,
    )
    .join('')
const map = <T extends { path: string }>(all: readonly T[]): Map<string, T> =>
  new Map(all.map(one => [one.path, one]))
const sum = (digit: string): string => digit.repeat(64)

test('names with line breaks, tabs and separators are read as they are', () => {
  const all = ['/app/shared/a', '/app/shared/b\nc\td', '/app/shared/e\x1ff', '/app/shared/ g '].map(
    path => file(path),
  )
  assert.equal(readFileList(print(all)), all)
  assert.equal(readFileList(''), [])
})

for (const text of [
  print([file('/a')]).slice(0, -1),
  'x\0',
  'f\x1f640\x1f33\x1fx\x1f4\x1f1\x1f/a\0',
])
  test(`${JSON.stringify(text)} is no list`, () =>
    assert.throws(
      () => readFileList(text),
      (error: unknown) => error instanceof Unreadable,
    ))

test('hashes, by path', () => {
  assert.equal(
    readSums(`${sum('a')}  /b c\n d\0${sum('b')}  /e\0`),
    new Map([
      ['/b c\n d', sum('a')],
      ['/e', sum('b')],
    ]),
  )
  assert.throws(() => readSums(`${sum('a')}  /b`))
  assert.throws(() => readSums('no hash\0'))
})

test('what was written, made or removed meanwhile is not asked of the snapshot', () => {
  const before = [file('/same'), file('/written'), file('/gone'), file('/chmod')]
  const after = [
    file('/same'),
    file('/written', { changed: '1790000001.5' }),
    file('/made'),
    file('/chmod', { mode: '600' }),
  ]
  assert.equal([...findUnchanged(before, after).keys()], ['/same'])
})

const one = file('/a')
const kept = (more: Partial<KeptFile> = {}): Map<string, KeptFile> => {
  const { kind, mode, uid, gid, size } = one
  return new Map([['/a', { kind, mode, uid, gid, size, sum: sum('a'), ...more }]])
}
const rows: [string, Map<string, KeptFile>, string[]][] = [
  ['equal', kept(), []],
  ['a file more', new Map([...kept(), ['/b', kept().get('/a')!]]), []],
  ['missing', new Map(), ['"/a" is missing']],
  ['another kind', kept({ kind: 'l' }), ['"/a" is of another kind']],
  ['another mode', kept({ mode: '600' }), ['"/a" has mode 600, and had 640']],
  ['another owner', kept({ uid: 0 }), ['"/a" belongs to 0:33, and to 33:33 before']],
  ['another group', kept({ gid: 0 }), ['"/a" belongs to 33:0, and to 33:33 before']],
  ['another size', kept({ size: 3 }), ['"/a" has 3 bytes, and had 4']],
  ['other contents', kept({ sum: sum('b') }), ['"/a" has other contents']],
]
for (const [what, found, wanted] of rows)
  test(`a snapshot with ${what}`, () =>
    assert.equal(compareFiles(map([one]), new Map([['/a', sum('a')]]), found), wanted))

test('contents that were not looked at are not compared', () => {
  const { sum: _, ...rest } = kept().get('/a')!
  assert.equal(compareFiles(map([one]), new Map(), new Map([['/a', rest]])), [])
})

test('a sample has the newest, and at least one; never more bytes than it may', () => {
  const all = map(
    Array.from({ length: 100 }, (_, i) =>
      file(`/${i}`, { size: 10, changed: String(1_790_000_000 + i) }),
    ),
  )
  const sample = chooseSample(all, { bytes: 200, random: () => 0.5 })
  assert.is(sample.length, 20)
  for (const newest of ['/99', '/98', '/97', '/96', '/95']) assert.ok(sample.includes(newest))
  assert.equal(
    chooseSample(map([file('/big', { size: 1e12 })]), { bytes: 1, random: Math.random }),
    ['/big'],
  )
  assert.equal(
    chooseSample(map([file('/d', { kind: 'd' }), file('/empty', { size: 0 })]), {
      bytes: 1,
      random: Math.random,
    }),
    [],
  )
})

test.run()
