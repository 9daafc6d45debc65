import {
  chmodSync,
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
import type { KeyChange } from '../../../lib/operations/document/keys.ts'
import { json } from '../../../lib/operations/json.ts'
import { Secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'

const path = '/etc/app.json'
const is = (text: string) => `file\n${text}`
const values = { log: { level: 'warn' } }

plans(json, {
  'leaves what is right': [is('{"log": {"level": "warn", "x": 1}}'), { path, values }, []],
  'shows another value': [
    is('{"log": {"level": "info"}}'),
    { path, values },
    ['log.level: "info" -> "warn"'],
  ],
  'adds what is absent': [is('{}'), { path, values }, ['log.level: absent -> "warn"']],
  'takes out what is there': [
    is('{"a": 1, "b": [2]}'),
    { path, state: 'absent', keys: [['b'], ['c']] },
    ['b: [2] -> absent'],
  ],
  'compares numbers and texts apart': [
    is('{"a": "1"}'),
    { path, values: { a: 1 } },
    ['a: "1" -> 1'],
  ],
  'replaces a list whole': [is('{"a": [1, 2]}'), { path, values: { a: [2] } }, ['a: [1,2] -> [2]']],
  'knows null from absent': [is('{}'), { path, values: { a: null } }, ['a: absent -> null']],
  'asks no more of an empty map than to be there': [
    is('{"a": {"b": 1}}'),
    { path, values: { a: {} } },
    [],
  ],
  'shows no secret, nor what was there': [
    is('{"pw": "old"}'),
    { path, values: { pw: new Secret('new', 'app/pw') } },
    ['pw: (other value) -> (secret app/pw)'],
  ],
  'knows numbers beyond 2^53 apart': [
    is('{"id": 9007199254740993}'),
    { path, values: { id: 9007199254740992 / 2 } },
    ['id: 9007199254740993 -> 4503599627370496'],
  ],
  'does not round what is beside a change': [
    is('{"id": 9007199254740993, "a": 1}'),
    { path, values: { a: 1 } },
    [],
  ],
  'names a number that no double holds': [
    is('{"a": 1e400}'),
    { path, values: { a: 1 } },
    ['a: Infinity -> 1'],
  ],
  'does not touch a file with a key twice': [
    is('{"a": 1, "a": 2}'),
    { path, values: { a: 2 } },
    /keys must be unique/,
  ],
  'does not touch a file with a byte order mark': [
    is('\ufeff{"a": 1}'),
    { path, values: { a: 2 } },
    /byte order mark/,
  ],
  'shows a hard link that would be broken': [
    'file 2\n{"a": 1}',
    { path, values: { a: 2 } },
    [
      'a: 1 -> 2',
      'hard links: 2 names for one file -> a separate file: the other names keep the old content',
    ],
  ],
  'does not replace a value by a map': [
    is('{"log": "x"}'),
    { path, values },
    /\/etc\/app.json: log is a value, and a map is wanted/,
  ],
  'does not replace a list by a map': [is('[1]'), { path, values }, /the document is a list/],
  'does not touch what is no JSON': [
    is('{"a": 1\n "b": "hidden"}'),
    { path, values },
    /^\/etc\/app.json: it is not JSON(: line \d+, column \d+)?$/,
  ],
  'does not touch what is no text': [
    { stdout: Buffer.from('file\n{"a": "\xff"}', 'latin1') },
    { path, values },
    /not UTF-8/,
  ],
  'does not take an empty answer for an empty file': ['', { path, values }, /the probe failed/],
  'does not take a missing file for an empty one': [
    { exitCode: 1, stderr: 'no such file: /etc/app.json' },
    { path, values },
    /no such file/,
  ],
})

/** What the file holds after its change. */
const after = (text: string, want: KeyChange): string => {
  const change = json({ path, ...want }).decide(makeOutput(is(text)), nothingPending) as Change
  return String(change.stdin)
}
test('what is beside a change stays as it is written', () =>
  assert.is(
    after('{"id": 9007199254740993, "v": 1.10, "e": 1E400, "a": 1}', { values: { a: 2 } }),
    '{"id": 9007199254740993, "v": 1.10, "e": 1E400, "a": 2}',
  ))
test('a number that is rounded already is an error', () => {
  assert.throws(
    () => json({ path, values: { a: { b: [2 ** 53] } } }),
    /values: a.b.0: 9007199254740992 is rounded/,
  )
})
const edits: Readonly<Record<string, readonly [string, KeyChange, string]>> = {
  'a value in place': [
    '{ "a":1,\n\t"b" : [1, 2] }',
    { values: { a: 2 } },
    '{ "a":2,\n\t"b" : [1, 2] }',
  ],
  'comments and last commas stay': [
    '{\n  // one\n  "a": 1, /* two */\n  "b": 2, // three\n}\n',
    { values: { b: 3, c: 'x' } },
    '{\n  // one\n  "a": 1, /* two */\n  "b": 3, // three\n  "c": "x"\n}\n',
  ],
  'a comma after a value with a comment': [
    '{\n  "a": 1 // one\n}',
    { values: { b: 2 } },
    '{\n  "a": 1, // one\n  "b": 2\n}',
  ],
  'what looks like a comment in a text': [
    '{"u": "http://x//y"}',
    { values: { a: 1 } },
    '{"u": "http://x//y", "a": 1}',
  ],
  'a nested key in a laid out file': [
    '{\n    "a": {\n        "b": 1\n    }\n}\n',
    { values: { a: { c: { d: 2 } } } },
    '{\n    "a": {\n        "b": 1,\n        "c": {\n            "d": 2\n        }\n    }\n}\n',
  ],
  'the first key of an empty map': [
    '{\n  "a": {}\n}\n',
    { values: { a: { b: 1 } } },
    '{\n  "a": {\n    "b": 1\n  }\n}\n',
  ],
  'the first key of an empty file': ['{}\n', { values: { a: true } }, '{\n  "a": true\n}\n'],
  'tabs stay tabs': [
    '{\n\t"a": 1\n}\n',
    { values: { b: [1] } },
    '{\n\t"a": 1,\n\t"b": [\n\t\t1\n\t]\n}\n',
  ],
  'lines of Windows': [
    '{\r\n  "a": 1\r\n}\r\n',
    { values: { b: 2 } },
    '{\r\n  "a": 1,\r\n  "b": 2\r\n}\r\n',
  ],
  'the first key out': [
    '{\n  "a": 1,\n  "b": 2\n}\n',
    { state: 'absent', keys: [['a']] },
    '{\n  "b": 2\n}\n',
  ],
  'the last key out': [
    '{\n  "a": 1,\n  "b": 2\n}\n',
    { state: 'absent', keys: [['b']] },
    '{\n  "a": 1\n}\n',
  ],
  'the only key out': ['{"a": {"b": 1}}', { state: 'absent', keys: [['a', 'b']] }, '{"a": {}}'],
  'a value by a list': [
    '{\n  "a": 1,\n  "b": 2\n}\n',
    { values: { a: ['x'] } },
    '{\n  "a": [\n    "x"\n  ],\n  "b": 2\n}\n',
  ],
  'quotes, backslashes and umlauts': [
    '{"a": ""}',
    { values: { a: 'ü"\\\n' } },
    '{"a": "ü\\"\\\\\\n"}',
  ],
  'keys that are no words': [
    '{"a.b/c": {"": 1}}',
    { values: { 'a.b/c': { '': 2, __proto: 3 } } },
    '{"a.b/c": {"": 2, "__proto": 3}}',
  ],
}
for (const [title, [text, want, expected]] of Object.entries(edits))
  test(`edits ${title}`, () => {
    assert.is(after(text, want), expected)
    assert.is(json({ path, ...want }).decide(makeOutput(is(expected)), nothingPending), null)
  })

test('a secret travels as stdin and is in no fragment', () => {
  const plan = json({ path, values: { db: { pw: [new Secret('hunter2', 'x')] } } }).decide(
    makeOutput(is('{}')),
    nothingPending,
  ) as Change
  assert.instance(plan.stdin, Secret)
  assert.match((plan.stdin as Secret).reveal(), 'hunter2')
  assert.not.match(plan.apply.text + JSON.stringify(plan), 'hunter2')
})
test('two sets of keys of one file have two names', () => {
  const [a, b] = [
    json({ path, values: { a: { b: 1 } } }),
    json({ path, state: 'absent', keys: [['d', 'e'], 'f'] }),
  ]
  assert.equal([a.name, b.name, a.paths], ['/etc/app.json a.b', '/etc/app.json d.e, f', [path]])
})
test('bad options are errors at once', () => {
  assert.throws(() => json({ path, values: {} }), /at least one key/)
  assert.throws(() => json({ path, state: 'absent', keys: [[]] }), /at least one key/)
  assert.throws(() => json({ path, values: { a: Number.NaN } }), /values\.a: NaN is not possible/)
  assert.throws(() => json({ path: '/a/', values }), /an absolute path/)
})

const f = (folder: `/${string}`) => `${folder}/f.json` as const
const file = (text: string) => (folder: `/${string}`) => writeFileSync(f(folder), text)
const holds = (text: string) => (folder: `/${string}`) => {
  assert.is(readFileSync(f(folder), 'utf8'), text)
  assert.equal(
    readdirSync(folder).filter(name => name.startsWith('.')),
    [],
  )
}

settles(
  'keys in and changed',
  folder => json({ path: f(folder), values: { a: { b: "it's $HOME `x`" }, c: 2 } }),
  {
    before: file('{\n  "c": 1 // kept\n}\n'),
    after: holds('{\n  "c": 2, // kept\n  "a": {\n    "b": "it\'s $HOME `x`"\n  }\n}\n'),
  },
)
settles('keys out', folder => json({ path: f(folder), state: 'absent', keys: ['d', ['a', 'b']] }), {
  before: file('{\n  "c": 1, // kept\n  "d": 1\n}\n'),
  after: holds('{\n  "c": 1 // kept\n}\n'),
})
settles(
  'a file behind a symlink, with its own rights',
  folder => json({ path: f(folder), values: { a: 1 } }),
  {
    before: folder => {
      mkdirSync(`${folder}/d`)
      writeFileSync(`${folder}/d/real`, '{}')
      chmodSync(`${folder}/d/real`, 0o640)
      symlinkSync('d/real', f(folder))
    },
    after: folder => {
      holds('{\n  "a": 1\n}')(folder)
      assert.is(statSync(f(folder)).mode & 0o777, 0o640)
    },
  },
)
settles(
  'several operations on one file',
  folder => [1, 2, 3].map(n => json({ path: f(folder), values: { [`k${n}`]: n } })),
  {
    before: file('{"k2": 0}'),
    after: holds('{"k2": 2, "k1": 1, "k3": 3}'),
  },
)
refuses('a file that is not there', folder => json({ path: f(folder), values }), /no such file/)
refuses('a file that is no JSON', folder => json({ path: f(folder), values }), /it is not JSON/, {
  before: file('{a'),
  after: holds('{a'),
})
refuses(
  'a content that the check forbids',
  folder => json({ path: f(folder), values: { a: 1 }, validate: path => sh`! grep a ${path}` }),
  /refused by its check/,
  { before: file('{}'), after: holds('{}') },
)
refuses(
  'a file that is longer than is read',
  folder => json({ path: f(folder), values }),
  /longer than 1048576 bytes/,
  {
    before: file(`"${'x'.repeat(1024 * 1024)}"`),
  },
)

test.run()
