import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { line } from '../../../lib/operations/line.ts'
import { sh } from '../../../lib/sh.ts'
import { plans, refuses, settles } from '../../support/operations.ts'

const want = { path: '/etc/app.conf', key: 'PORT', value: 80 } as const

plans(line, {
  'adds what is absent': ['end\n', want, ['PORT: absent -> PORT=80']],
  'leaves what is right': ['PORT=80\nend\n', want, []],
  'replaces another value': ['PORT=81\nend\n', want, ['PORT: PORT=81 -> PORT=80']],
  'makes one of several': ['PORT=80\nPORT=81\nend\n', want, ['PORT: PORT=80\nPORT=81 -> PORT=80']],
  'does not take an empty answer for absent': ['', want, /the probe failed/],
  'does not take a missing file for absent': [
    { exitCode: 1, stderr: 'no such file: /etc/app.conf' },
    want,
    /no such file/,
  ],
})

test('bad options are errors at once', () => {
  assert.throws(() => line({ path: '/f', line: 'a\nb' }), /one line of text/)
  assert.throws(() => line({ path: '/f', line: '' }), /one line of text/)
})
test('two keys of one file have two names', () => {
  const b = line({ ...want, key: 'HOST', value: 'x' })
  assert.equal(
    [line(want).name, b.name, b.paths],
    ['/etc/app.conf PORT', '/etc/app.conf HOST', ['/etc/app.conf']],
  )
})

const f = (folder: `/${string}`) => `${folder}/f` as const
const holds = (text: string) => (folder: `/${string}`) => {
  assert.is(readFileSync(f(folder), 'utf8'), text)
  assert.equal(
    readdirSync(folder).filter(name => name.startsWith('.')),
    [],
  )
}
const file = (text: string) => (folder: `/${string}`) => writeFileSync(f(folder), text)

settles('a new key', folder => line({ path: f(folder), key: 'a', value: "\\n $b & 'c' \\1" }), {
  before: file('b=1\na.x=2'),
  after: holds("b=1\na.x=2\na=\\n $b & 'c' \\1\n"),
})
settles('a key that is there twice', folder => line({ path: f(folder), key: 'a', value: 2 }), {
  before: file('a=1\nb=1\na=3\n'),
  after: holds('a=2\nb=1\n'),
})
settles(
  'a key with a separator of its own',
  folder => line({ path: f(folder), key: 'Port', value: 2, separator: ' ' }),
  {
    before: file('Port 1\nPortal 1\n'),
    after: holds('Port 2\nPortal 1\n'),
  },
)
settles('an expression', folder => line({ path: f(folder), match: '^#?Port ', line: 'Port 2' }), {
  before: file('#Port 1\nx\n'),
  after: holds('Port 2\nx\n'),
})
settles('a number is a text', folder => line({ path: f(folder), line: '123' }), {
  before: file('0123\n+123\n123.0\n1.23e2\n 123\n'),
  after: holds('0123\n+123\n123.0\n1.23e2\n 123\n123\n'),
})
settles('a line of Windows that is there', folder => line({ path: f(folder), line: 'b=1' }), {
  before: file('a=1\r\nb=1\r\n'),
  after: holds('a=1\r\nb=1\r\n'),
})
settles('a new line of Windows', folder => line({ path: f(folder), key: 'b', value: 2 }), {
  before: file('a=1\r\nb=1\r\nc=1'),
  after: holds('a=1\r\nb=2\r\nc=1'),
})
settles('a line after the last of Windows', folder => line({ path: f(folder), line: 'b' }), {
  before: file('a=1\r\nc'),
  after: holds('a=1\r\nc\r\nb\r\n'),
})
settles(
  'an expression with an end, in a file of Windows',
  folder => line({ path: f(folder), match: '^x=[0-9]*$', line: 'x=2' }),
  { before: file('x=1\r\n'), after: holds('x=2\r\n') },
)
settles(
  'a return that the other lines do not have',
  folder => line({ path: f(folder), line: 'x' }),
  { before: file('a\nx\r\n'), after: holds('a\nx\n') },
)
settles('after a byte order mark', folder => line({ path: f(folder), key: 'a', value: 2 }), {
  before: file('\ufeffa=1\nb=1\n'),
  after: holds('\ufeffa=2\nb=1\n'),
})
settles(
  'the last line stays without its end',
  folder => line({ path: f(folder), key: 'a', value: 2 }),
  {
    before: file('a=1\nb=1'),
    after: holds('a=2\nb=1'),
  },
)
settles('bytes of another encoding stay', folder => line({ path: f(folder), key: 'a', value: 2 }), {
  before: folder => writeFileSync(f(folder), Buffer.from('caf\xe9\na=1\n', 'latin1')),
  after: folder => assert.is(readFileSync(f(folder), 'latin1'), 'caf\xe9\na=2\n'),
})
for (const [title, bytes] of Object.entries({
  'UTF-16': Buffer.from('\ufeffa=1\n', 'utf16le'),
  'NUL bytes': Buffer.from('a=1\0\nb\n'),
}))
  refuses(
    `a file with ${title}`,
    folder => line({ path: f(folder), key: 'a', value: 2 }),
    /holds NUL bytes, as UTF-16 does/,
    {
      before: folder => writeFileSync(f(folder), bytes),
      after: folder => assert.equal(readFileSync(f(folder)), bytes),
    },
  )
settles(
  'a file with two names: that one keeps the old content is in the diff',
  folder => line({ path: f(folder), line: 'x' }),
  {
    before: folder => {
      file('a\n')(folder)
      linkSync(f(folder), `${folder}/other`)
    },
    after: folder => {
      holds('a\nx\n')(folder)
      assert.is(readFileSync(`${folder}/other`, 'utf8'), 'a\n')
    },
  },
)
plans(line, {
  'a hard link that would be broken is shown': [
    'end\n2 names\n0 NUL\n',
    want,
    [
      'PORT: absent -> PORT=80',
      'hard links: 2 names for one file -> a separate file: the other names keep the old content',
    ],
  ],
})
settles('a line by itself', folder => line({ path: f(folder), line: '*.x [y]' }), {
  before: file(''),
  after: holds('*.x [y]\n'),
})
settles(
  'several lines of one file',
  folder => [1, 2, 3].map(n => line({ path: f(folder), key: `k${n}`, value: n })),
  {
    before: file('k2=0\n'),
    after: holds('k2=2\nk1=1\nk3=3\n'),
  },
)
settles(
  'a file behind a symlink, with its own rights',
  folder => line({ path: f(folder), key: 'a', value: 1 }),
  {
    before: folder => {
      mkdirSync(`${folder}/d`)
      writeFileSync(`${folder}/d/real`, '')
      chmodSync(`${folder}/d/real`, 0o640)
      symlinkSync('d/real', f(folder))
    },
    after: folder => {
      holds('a=1\n')(folder)
      assert.ok(lstatSync(f(folder)).isSymbolicLink())
      assert.is(statSync(f(folder)).mode & 0o777, 0o640)
    },
  },
)
refuses('a file that is not there', folder => line({ path: f(folder), line: 'x' }), /no such file/)
refuses(
  'a line that the check forbids',
  folder => line({ path: f(folder), line: 'bad', validate: path => sh`! grep bad ${path}` }),
  /refused by its check/,
  { before: file('good\n'), after: holds('good\n') },
)

test.run()
