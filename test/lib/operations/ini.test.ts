import {
  chmodSync,
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
import type { Change } from '../../../lib/operation.ts'
import { ini } from '../../../lib/operations/ini.ts'
import { Secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'

const key = { path: '/etc/app.ini', section: 'server', key: 'port' } as const
const want = { ...key, value: 80 } as const
const gone = { ...key, state: 'absent' } as const

plans(ini, {
  'adds what is absent': ['end\n', want, ['[server] port: absent -> 80']],
  'leaves what is right': ['=80\nend\n', want, []],
  'replaces another value': ['=81\nend\n', want, ['[server] port: 81 -> 80']],
  'makes one of several': ['=80\n=81\nend\n', want, ['[server] port: 80\n81 -> 80']],
  'takes out what is there': ['=80\nend\n', gone, ['[server] port: 80 -> absent']],
  'leaves out what is not there': ['end\n', gone, []],
  'knows an empty value from none': ['=\nend\n', gone, ['[server] port:  -> absent']],
  'shows no secret, nor what was there': [
    '=old\nend\n',
    { ...want, value: new Secret('pw', 'db/pw') },
    ['[server] port: (other value) -> (secret db/pw)'],
  ],
  'leaves a secret that is right': [
    '=pw\nend\n',
    { ...want, value: new Secret('pw', 'db/pw') },
    [],
  ],
  'does not touch a value of several lines': ['=a \\\ntorn\n', want, /goes on in the next line/],
  'does not take an empty answer for absent': ['', want, /the probe failed/],
  'does not take a missing file for absent': [
    { exitCode: 1, stderr: 'no such file: /etc/app.ini' },
    want,
    /no such file/,
  ],
})

test('a secret travels as stdin and is in no fragment', () => {
  const op = ini({ ...want, value: new Secret('hunter2', 'x') })
  const plan = op.decide(makeOutput('end\n'), nothingPending) as Change
  assert.not.match(op.probe.text + plan.apply.text + JSON.stringify(plan), 'hunter2')
})
test('bad options are errors at once', () => {
  assert.throws(() => ini({ ...want, key: 'a=b' }), /cannot be a key/)
  assert.throws(() => ini({ ...want, key: '#a' }), /cannot be a key/)
  assert.throws(() => ini({ ...want, section: 'a]' }), /cannot be a section/)
  assert.throws(() => ini({ ...want, value: 'a\nb' }), /one line/)
  assert.throws(() => ini({ ...want, value: ' a' }), /one line/)
  assert.throws(() => ini({ ...want, value: 'a\\' }), /one line/)
})
test('two keys of one file have two names', () => {
  const b = ini({ path: want.path, key: 'port', value: 1 })
  assert.equal(
    [ini(want).name, b.name, b.paths],
    ['/etc/app.ini [server] port', '/etc/app.ini port', ['/etc/app.ini']],
  )
})

const f = (folder: `/${string}`) => `${folder}/f.ini` as const
const holds = (text: string) => (folder: `/${string}`) => {
  assert.is(readFileSync(f(folder), 'latin1'), text)
  assert.equal(
    readdirSync(folder).filter(name => name.startsWith('.')),
    [],
  )
}
const file = (text: string) => (folder: `/${string}`) => writeFileSync(f(folder), text, 'latin1')
const settled: Readonly<
  Record<
    string,
    readonly [
      string,
      Partial<Omit<Extract<Parameters<typeof ini>[0], { state?: 'present' }>, 'state'>>,
      string,
    ]
  >
> = {
  'a value in place, as it was written': [
    '; c\n[other]\nport = 1\n[server]\n  # port = 2\n  port  =   81  \nhost=x\n',
    {},
    '; c\n[other]\nport = 1\n[server]\n  # port = 2\n  port  =   80\nhost=x\n',
  ],
  'a new key at the end of its section': [
    '[server]\nhost=x\n\n\n[z]\nport=1\n',
    {},
    '[server]\nhost=x\nport=80\n\n\n[z]\nport=1\n',
  ],
  'a new key in the last section': [
    '[server]\nhost=x\n\n',
    { separator: ' = ' },
    '[server]\nhost=x\nport = 80\n\n',
  ],
  'a new section': ['a=1', {}, 'a=1\n\n[server]\nport=80\n'],
  'an empty file': ['', {}, '[server]\nport=80\n'],
  'a key before the first section': [
    '# c\n[server]\nport=1\n',
    { section: '' },
    '# c\nport=80\n[server]\nport=1\n',
  ],
  'a key in an empty file': ['', { section: '' }, 'port=80\n'],
  'a key that is there twice, in two parts of one section': [
    '[server]\nport=1\n[z]\n[server]\nport=80\nx=1\n',
    {},
    '[server]\nport=80\n[z]\n[server]\nx=1\n',
  ],
  'a key in the second part of a section': [
    '[server]\nx=1\n[server]\nport=1\n',
    {},
    '[server]\nx=1\n[server]\nport=80\n',
  ],
  'a key without a value': ['[server]\nport\nports=1\n', {}, '[server]\nport=80\nports=1\n'],
  'strange texts': [
    '[a "b\\c"]\nk.\\d*=1\n',
    { section: 'a "b\\c"', key: 'k.\\d*', value: `it's $HOME \\n & \\1 %s` },
    `[a "b\\c"]\nk.\\d*=it's $HOME \\n & \\1 %s\n`,
  ],
  'lines of Windows and bytes that are no UTF-8': [
    '[server]\r\nport=1\r\nx=\xff\r\n',
    {},
    '[server]\r\nport=80\r\nx=\xff\r\n',
  ],
  'an empty value': ['[server]\nport=1\n', { value: '' }, '[server]\nport=\n'],
  'a secret': [
    '[server]\nport=1\n',
    { value: new Secret('s3cret', 'x') },
    '[server]\nport=s3cret\n',
  ],
}
for (const [title, [before, more, after]] of Object.entries(settled))
  settles(title, folder => ini({ ...want, ...more, path: f(folder) }), {
    before: file(before),
    after: holds(after),
  })
settles('a key out', folder => ini({ ...gone, path: f(folder) }), {
  before: file('[server]\nport=1\nx=2\nport = 3\n'),
  after: holds('[server]\nx=2\n'),
})

settles(
  'several keys of one file',
  folder => ['a', 'b', 'c'].map(key => ini({ path: f(folder), section: 's', key, value: 1 })),
  {
    before: file('[s]\nb=0\n'),
    after: holds('[s]\nb=1\na=1\nc=1\n'),
  },
)
settles(
  'a file behind a symlink, with its own rights',
  folder => ini({ ...want, path: f(folder) }),
  {
    before: folder => {
      mkdirSync(`${folder}/d`)
      writeFileSync(`${folder}/d/real`, '')
      chmodSync(`${folder}/d/real`, 0o640)
      symlinkSync('d/real', f(folder))
    },
    after: folder => {
      holds('[server]\nport=80\n')(folder)
      assert.ok(lstatSync(f(folder)).isSymbolicLink())
      assert.is(statSync(f(folder)).mode & 0o777, 0o640)
    },
  },
)
refuses('a file that is not there', folder => ini({ ...want, path: f(folder) }), /no such file/)
refuses(
  'a value of several lines',
  folder => ini({ ...want, path: f(folder) }),
  /goes on in the next line/,
  {
    before: file('[server]\nport=1 \\\n 2\n'),
    after: holds('[server]\nport=1 \\\n 2\n'),
  },
)
for (const [title, text] of Object.entries({
  'a value that an indented line goes on with': '[server]\nport=1\n  2\n',
  'a key that may be a line of the value above': '[server]\nhosts =\n  port=1\n',
}))
  refuses(title, folder => ini({ ...want, path: f(folder) }), /goes on in the next line/, {
    before: file(text),
    after: holds(text),
  })
settles(
  'what looks like a key or a section behind a backslash',
  folder => ini({ ...want, path: f(folder) }),
  {
    before: file('[server]\nrun=a \\\nport=1 \\\n[other]\nx=1\n'),
    after: holds('[server]\nrun=a \\\nport=1 \\\n[other]\nx=1\nport=80\n'),
  },
)
settles('keys that are all indented', folder => ini({ ...want, path: f(folder) }), {
  before: file('[server]\n\tport = 1\n\tx = 2\n'),
  after: holds('[server]\n\tport = 80\n\tx = 2\n'),
})
settles(
  'a file of Windows without a last line break',
  folder => ini({ ...want, path: f(folder) }),
  {
    before: file('\xef\xbb\xbf[server]\r\nport=1\r\n\r\n[z]\r\na=1'),
    after: holds('\xef\xbb\xbf[server]\r\nport=80\r\n\r\n[z]\r\na=1'),
  },
)
settles('a new key in a file of Windows', folder => ini({ ...want, path: f(folder) }), {
  before: file('[server]\r\na=1\r\n \r\n[z]\r\n'),
  after: holds('[server]\r\na=1\r\nport=80\r\n \r\n[z]\r\n'),
})
settles(
  'a number for a section',
  folder => ini({ path: f(folder), section: '1', key: '10', value: 1 }),
  {
    before: file('[01]\n10=2\n[1]\n1e1=3\n010=4\n'),
    after: holds('[01]\n10=2\n[1]\n1e1=3\n010=4\n10=1\n'),
  },
)
refuses('a file in UTF-16', folder => ini({ ...want, path: f(folder) }), /holds NUL bytes/, {
  before: folder => writeFileSync(f(folder), Buffer.from('\ufeff[server]\n', 'utf16le')),
})
refuses(
  'a key that the check forbids',
  folder => ini({ ...want, path: f(folder), validate: path => sh`! grep 80 ${path}` }),
  /refused by its check/,
  {
    before: file('x=1\n'),
    after: holds('x=1\n'),
  },
)

test.run()
