import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { replace } from '../../../lib/operations/replace.ts'
import { sh } from '../../../lib/sh.ts'
import { plans, refuses, settles } from '../../support/operations.ts'

const path = '/etc/app.conf'
const want = { path, pattern: /^Port \d+$/m, with: 'Port 80' } as const

plans(replace, {
  'replaces what is found': [
    'file\nPort 81\nx\nPort 82\n',
    want,
    ['lines: Port 81\nPort 82\n -> Port 80\nPort 80\n'],
  ],
  'leaves what is right': ['file\nPort 80\n', want, []],
  'leaves a file in which nothing is found': ['file\n', want, []],
  'knows groups': [
    'file\na=1\n',
    { path, pattern: /^(?<key>a)=(\d)$/m, with: '$<key>: $2$2 $$' },
    ['lines: a=1\n -> a: 11 $\n'],
  ],
  'refuses what would never be done': [
    'file\naa\n',
    { path, pattern: /a/, with: 'aa' },
    /\/etc\/app.conf: \/a\/ matches its own result/,
  ],
  'does not touch what is no text': [
    { stdout: Buffer.from('file\nPort 81\xff\n', 'latin1') },
    want,
    /not UTF-8/,
  ],
  'does not take an empty answer for an empty file': ['', want, /the probe failed/],
  'does not take a missing file for an empty one': [
    { exitCode: 1, stderr: 'no such file: /etc/app.conf' },
    want,
    /no such file/,
  ],
})

test('an expression names the operation, and the file is owned', () => {
  const op = replace(want)
  assert.equal([op.name, op.paths], ['/etc/app.conf /^Port \\d+$/m', [path]])
})
test('bad options are errors at once', () => {
  assert.throws(() => replace({ ...want, pattern: /a/y }), /the flag y/)
  assert.throws(() => replace({ ...want, path: '/etc/' }), /an absolute path/)
})

const f = (folder: `/${string}`) => `${folder}/f` as const
const file = (text: string) => (folder: `/${string}`) =>
  writeFileSync(f(folder), text, { mode: 0o640 })
const holds = (text: string) => (folder: `/${string}`) => {
  assert.is(readFileSync(f(folder), 'utf8'), text)
  assert.is(statSync(f(folder)).mode & 0o777, 0o640)
  assert.equal(readdirSync(folder), ['f'])
}
settles(
  'matches over several lines',
  folder =>
    replace({ path: f(folder), pattern: /<a>.*?<\/a>/s, with: "<a>it's $$HOME `x` \\n</a>" }),
  {
    before: file('<a>\n1\n</a>ü\n<a/>'),
    after: holds("<a>it's $HOME `x` \\n</a>ü\n<a/>"),
  },
)
refuses('a file that is not there', folder => replace({ ...want, path: f(folder) }), /no such file/)
refuses(
  'a content that the check forbids',
  folder =>
    replace({ path: f(folder), pattern: /a/, with: 'b', validate: path => sh`! grep b ${path}` }),
  /refused by its check/,
  { before: file('a\n'), after: holds('a\n') },
)
settles(
  'a file with a strange mode',
  folder => replace({ path: f(folder), pattern: /a/, with: 'b' }),
  {
    before: folder => {
      file('a')(folder)
      chmodSync(f(folder), 0o4751)
    },
    after: folder => assert.is(statSync(f(folder)).mode & 0o7777, 0o4751),
  },
)

test.run()
