import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import type { Change } from '../../../lib/operation.ts'
import type { KeyChange } from '../../../lib/operations/document/keys.ts'
import { yaml } from '../../../lib/operations/yaml.ts'
import { Secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'

const path = '/etc/app.yaml'
const is = (text: string) => `file\n${text}`
const values = { server: { port: 80 } }

plans(yaml, {
  'leaves what is right': [is('server: { port: 80, x: 1 }\n'), { path, values }, []],
  'shows another value': [is('server:\n  port: 81\n'), { path, values }, ['server.port: 81 -> 80']],
  'adds what is absent': [is('a: 1\n'), { path, values }, ['server.port: absent -> 80']],
  'takes out what is there': [
    is('a: 1\nb: [x]\n'),
    { path, state: 'absent', keys: [['b'], ['c', 'd']] },
    ['b: ["x"] -> absent'],
  ],
  'compares numbers and texts apart': [is('a: "1"\n'), { path, values: { a: 1 } }, ['a: "1" -> 1']],
  'fills what is empty': [is('server:\n'), { path, values }, ['server.port: absent -> 80']],
  'writes an empty file': [is('# nothing yet\n'), { path, values }, ['server.port: absent -> 80']],
  'does not take out what others refer to': [
    is('a: &x 1\nb: *x\n'),
    { path, state: 'absent', keys: [['a']] },
    /Unresolved alias/,
  ],
  'does not change what others refer to behind their back': [
    is('a: &x\n  k: 1\nb: *x\n'),
    { path, values: { a: { k: 2 } } },
    /a.k cannot be set without harm/,
  ],
  'says when the whole is written anew': [
    is('a:   1\nm: {b, c: 1}\n'),
    { path, values: { m: { b: 'd' } } },
    ['m.b: null -> "d"', 'layout: as written -> written anew'],
  ],
  'shows no secret, nor what was there': [
    is('pw: old\n'),
    { path, values: { pw: new Secret('new', 'app/pw') } },
    ['pw: (other value) -> (secret app/pw)'],
  ],
  'does not replace a value by a map': [
    is('server: x\n'),
    { path, values },
    /\/etc\/app.yaml: server is a value, and a map is wanted/,
  ],
  'does not touch what is no YAML': [
    is('a: [1\nb: hidden\n'),
    { path, values },
    /^\/etc\/app.yaml: .* at line 2, column 1$/,
  ],
  'does not touch several documents': [
    is('a: 1\n---\nb: 1\n'),
    { path, values },
    /multiple documents/,
  ],
  'does not take an empty answer for an empty file': ['', { path, values }, /the probe failed/],
})

plans(yaml, {
  'a text that YAML 1.1 reads as something else is written so that both read it': [
    is('a: yes\nb: 1_000\nc: 2020-01-01\nd: 12:30:45\n'),
    { path, values: { a: 'yes', b: '1_000', c: '2020-01-01', d: '12:30:45' } },
    [
      'a: "yes" (true to readers of YAML 1.1) -> "yes"',
      'b: "1_000" (1000 to readers of YAML 1.1) -> "1_000"',
      'c: "2020-01-01" ("2020-01-01T00:00:00.000Z" to readers of YAML 1.1) -> "2020-01-01"',
      'd: "12:30:45" (45045 to readers of YAML 1.1) -> "12:30:45"',
    ],
  ],
  'a number that the versions read differently': [
    is('a: 010\nb: 0o17\n'),
    { path, values: { a: 10, b: 15 } },
    ['a: 10 (8 to readers of YAML 1.1) -> 10', 'b: 15 ("0o17" to readers of YAML 1.1) -> 15'],
  ],
  'what both read alike is left': [
    is('a: true\nb: "010"\nc: 1.10\nd: "yes"\n'),
    { path, values: { a: true, b: '010', c: 1.1, d: 'yes' } },
    [],
  ],
  'numbers beyond 2^53 are known apart': [
    is('a: 9007199254740993\n'),
    { path, values: { a: 1 } },
    ['a: 9007199254740993 -> 1'],
  ],
  'does not write the whole anew where a value beside it would read otherwise': [
    is('a:   010\nm: {b, c: 1}\n'),
    { path, values: { m: { b: 'd' } } },
    /m.b cannot be set without harm/,
  ],
  'does not touch a value with a tag': [
    is('a: !vault x\n'),
    { path, values: { a: 'y' } },
    /a has the tag !vault: edit it by hand/,
  ],
  'does not take out what a merge key brings': [
    is('x: &x {k: 1}\na:\n  <<: *x\n  z: 1\n'),
    { path, state: 'absent', keys: [['a', 'k']] },
    /a.k cannot be set without harm/,
  ],
  'does not touch a file with a key twice': [
    is('a: 1\na: 2\n'),
    { path, values: { a: 2 } },
    /keys must be unique/i,
  ],
})
test('what is written is read alike by both versions', () => {
  const texts = [
    '=',
    '-0o7',
    '0xg',
    '.5x',
    '1:30',
    'a\tb',
    '\u0085',
    '',
    ' a',
    '~',
    '08',
    '..',
    'x: y',
    'NO',
    '<<',
  ]
  for (const text of texts) {
    const written = after('k: old\n', { values: { k: text, l: [text] } })
    for (const version of ['1.1', '1.2'] as const)
      assert.equal(parse(written, { version }), { k: text, l: [text] })
    assert.match(written, /^k: "/, `${text} is quoted`)
  }
  assert.is(after('k: 1\n', { values: { k: 1e-7, l: [1e-7] } }), 'k: 1.0e-7\nl:\n  - 1.0e-7\n')
})

const after = (text: string, want: KeyChange): string =>
  String((yaml({ path, ...want }).decide(makeOutput(is(text)), nothingPending) as Change).stdin)
const edits: Readonly<Record<string, readonly [string, KeyChange, string]>> = {
  'a value in place, comments and odd spaces stay': [
    '# head\n\nserver:   # the server\n    port:  81   # why\n    list:\n    - a\n    -   b\n\n\n# tail\n',
    { values },
    '# head\n\nserver:   # the server\n    port:  80   # why\n    list:\n    - a\n    -   b\n\n\n# tail\n',
  ],
  'a key after the last, with its comment': [
    'a: 1 # one\n',
    { values: { b: { c: 2 } } },
    'a: 1 # one\nb:\n  c: 2\n',
  ],
  'a key into a nested map': [
    'a:\n    b: 1\n    l:\n    - x\n# tail\nz: 1\n',
    { values: { a: { c: { d: 'x' } } } },
    'a:\n    b: 1\n    l:\n    - x\n    c:\n      d: x\n# tail\nz: 1\n',
  ],
  'a key into a map in an empty value': [
    'a:\nb: 1\n',
    { values: { a: { c: 2 } } },
    'a:\n  c: 2\nb: 1\n',
  ],
  'a key into brackets': ['a: {b: 1}\n', { values: { a: { c: [1] } } }, 'a: {b: 1, "c": [1]}\n'],
  'a list by a list': [
    'a:\n  - 1 # one\n  - 2\nb: 1\n',
    { values: { a: ['x', 'z'] } },
    'a:\n  - x\n  - z\nb: 1\n',
  ],
  'a block of text by a value': [
    'a: |\n  one\n  two\nb: 1\n',
    { values: { a: 'x' } },
    'a: x\nb: 1\n',
  ],
  'a value by a text of lines': [
    'a: x\nb: 1\n',
    { values: { a: 'one\ntwo' } },
    'a: "one\\ntwo"\nb: 1\n',
  ],
  'quotes stay as they are': [
    `a: 'x'\nb: "x"\nc: x\n`,
    { values: { a: "it's", b: 'y "z"', c: 'yes' } },
    `a: 'it''s'\nb: "y \\"z\\""\nc: "yes"\n`,
  ],
  'a key out': [
    'a: 1\nb:\n  - x\n  - y # z\nc: 2\n',
    { state: 'absent', keys: [['b']] },
    'a: 1\nc: 2\n',
  ],
  'the only key of a map out': [
    'a:\n  b: 1\nc: 2\n',
    { state: 'absent', keys: [['a', 'b']] },
    'a: {}\nc: 2\n',
  ],
  'a file without a last newline': ['a: 1', { values: { b: 2 } }, 'a: 1\nb: 2'],
  'lines of Windows': [
    'a: 1\r\nb: 2\r\n',
    { values: { a: 3, c: { d: 4 } } },
    'a: 3\r\nb: 2\r\nc:\r\n  d: 4\r\n',
  ],
  'an empty file': ['# nothing yet\n', { values }, '# nothing yet\nserver:\n  port: 80\n'],
  'a file of one empty map': ['{}\n', { values: { a: 1 } }, '{\n  "a": 1\n}\n'],
  'beside an anchor': [
    'a: &x\n  k: 1\nb: *x\n',
    { values: { c: 1 } },
    'a: &x\n  k: 1\nb: *x\nc: 1\n',
  ],
  'a document with its mark': ['---\na: 1\n', { values: { a: 2 } }, '---\na: 2\n'],
}
for (const [title, [text, want, expected]] of Object.entries(edits))
  test(`edits ${title}`, () => {
    assert.is(after(text, want), expected)
    assert.is(yaml({ path, ...want }).decide(makeOutput(is(expected)), nothingPending), null)
  })

const f = (folder: `/${string}`) => `${folder}/f.yaml` as const
const file = (text: string) => (folder: `/${string}`) => writeFileSync(f(folder), text)
const holds = (text: string) => (folder: `/${string}`) => {
  assert.is(readFileSync(f(folder), 'utf8'), text)
  assert.equal(readdirSync(folder), ['f.yaml'])
}
settles(
  'keys in and changed',
  folder => yaml({ path: f(folder), values: { a: { b: "it's $HOME `x`" }, c: 2 } }),
  {
    before: file('c: 1 # kept\n'),
    after: holds("c: 2 # kept\na:\n  b: it's $HOME `x`\n"),
  },
)
settles('keys out', folder => yaml({ path: f(folder), state: 'absent', keys: ['d', ['a', 'b']] }), {
  before: file('c: 1 # kept\nd: [1]\n'),
  after: holds('c: 1 # kept\n'),
})
settles('an empty file', folder => yaml({ path: f(folder), values: { a: 'ü' } }), {
  before: file(''),
  after: holds('a: ü\n'),
})
refuses('a file that is not there', folder => yaml({ path: f(folder), values }), /no such file/)
refuses(
  'a content that the check forbids',
  folder => yaml({ path: f(folder), values: { a: 1 }, validate: path => sh`! grep a ${path}` }),
  /refused by its check/,
  { before: file('b: 1\n'), after: holds('b: 1\n') },
)

test.run()
