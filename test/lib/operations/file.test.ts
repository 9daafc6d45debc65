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
import { type Change, Unknown } from '../../../lib/operation.ts'
import { sha256 } from '../../../lib/operations/file/content.ts'
import { file } from '../../../lib/operations/file.ts'
import { Secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'

const path = '/etc/motd'
const entry = (mode = '644', owner = 'root', bytes = 3) =>
  `regular file|${mode}|0|0|${owner}|root|${bytes}\n`
const hi = `${sha256('hi\n')}\n`

plans(file, {
  'creates what is absent': [
    'absent\n',
    { path, content: '' },
    [
      'content: absent -> ',
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'leaves what is right': [entry() + hi, { path, content: 'hi\n' }, []],
  'shows other content': [
    `${entry()}${sha256('ho\n')}\nho\n`,
    { path, content: 'hi\n' },
    ['content: ho\n -> hi\n'],
  ],
  'shows a hard link that it breaks': [
    `regular file|644|0|0|root|root|3|2\n${sha256('ho\n')}\nho\n`,
    { path, content: 'hi\n' },
    [
      'content: ho\n -> hi\n',
      'hard links: 2 names for one file -> a separate file: the other names keep the old content',
    ],
  ],
  'leaves a file with two names that is right': [
    `regular file|644|0|0|root|root|3|2\n${hi}`,
    { path, content: 'hi\n' },
    [],
  ],
  'shows a long or binary file as its size': [
    `${entry('644', 'root', 99999)}${sha256('?')}\n\u0000`,
    { path, content: 'hi\n' },
    [`content: (99999 bytes, sha256 ${sha256('?').slice(0, 12)}) -> hi\n`],
  ],
  'puts right the mode': [entry('600') + hi, { path, content: 'hi\n' }, ['mode: 600 -> 644']],
  'puts right the owner': [
    entry('644', 'www-data') + hi,
    { path, content: 'hi\n' },
    ['owner: www-data -> root'],
  ],
  'compares a number with a number': [
    entry('644', 'www-data') + hi,
    { path, content: 'hi\n', owner: 0 },
    [],
  ],
  'takes 0640 for 640': [entry('640') + hi, { path, content: 'hi\n', mode: '0640' }, []],
  'replaces a symlink': [
    'symbolic link|777|0|0|root|root|9\n/run/motd\n',
    { path, content: 'hi\n' },
    [
      'type: symlink to /run/motd -> file',
      'content: absent -> hi\n',
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'does not replace a folder': [
    'directory|755|0|0|root|root|4096\n',
    { path, content: '' },
    /is a directory, and a file is wanted/,
  ],
  'does not take a failed probe for absent': [
    { exitCode: 74, stderr: 'stat: Permission denied' },
    { path, content: '' },
    /exit 74.*Permission denied/,
  ],
  'does not take an empty answer for absent': ['', { path, content: '' }, /the probe printed ""/],
  'does not show a secret, nor what was there': [
    `${entry()}${sha256('old')}\n`,
    { path, content: new Secret('pw', 'db/password') },
    ['content: (other content) -> (secret db/password)'],
  ],
})

test('a secret travels as stdin and is in no fragment', () => {
  const op = file({ path, content: new Secret('hunter2', 'x') })
  const plan = op.decide(makeOutput('absent\n'), nothingPending) as Change
  assert.ok(plan.stdin instanceof Secret)
  const seen = op.probe.text + plan.apply.text + JSON.stringify(plan)
  assert.not.match(seen, 'hunter2')
  assert.not.match(seen, sha256('hunter2'))
})

test('bad options are errors at once', () => {
  assert.throws(() => file({ path: '/a/../b', content: '' }), /an absolute path is expected/)
  assert.throws(() => file({ path: '/a/', content: '' }), /an absolute path is expected/)
  assert.throws(() => file({ path, content: '', mode: '999' }), /write it in octal/)
  assert.throws(() => file({ path, content: '', owner: 'a b' }), /a name or a number/)
  assert.throws(() => file({ path, source: new URL('file:///nowhere/at/all') }), /ENOENT/)
})

test('says what path it owns', () => assert.equal(file({ path, content: '' }).paths, [path]))
test('a pure look at a folder is unknown', () =>
  assert.instance(
    file({ path, content: '' }).decide(
      makeOutput('directory|755|0|0|root|root|1\n'),
      nothingPending,
    ),
    Unknown,
  ))

const odd = "two lines\n'quoted' $HOME `id` \\n ${x}\r\n\n"
const at = (folder: string, name = 'f') => `${folder}/${name}` as `/${string}`
const holds =
  (content: string, mode = 0o644) =>
  (folder: string) => {
    assert.is(readFileSync(at(folder), 'utf8'), content)
    assert.is(statSync(at(folder)).mode & 0o7777, mode)
    assert.equal(
      readdirSync(folder).filter(name => name.startsWith('.')),
      [],
    )
  }

settles('a new file', folder => file({ path: at(folder), content: odd }), { after: holds(odd) })
settles(
  'a file with an odd name',
  folder => file({ path: at(folder, "it's $1 `x`"), content: '' }),
  {
    after: folder => assert.is(readFileSync(`${folder}/it's $1 \`x\``, 'utf8'), ''),
  },
)
settles('a file with other content', folder => file({ path: at(folder), content: odd }), {
  before: folder => writeFileSync(at(folder), 'before'),
  after: holds(odd),
})
settles(
  'a file with another mode',
  folder => file({ path: at(folder), content: 'x', mode: '4750' }),
  {
    before: folder => {
      writeFileSync(at(folder), 'x')
      chmodSync(at(folder), 0o600)
    },
    after: holds('x', 0o4750),
  },
)
settles(
  'a file with another owner',
  folder => file({ path: at(folder), content: 'x', owner: 'nobody', group: 65534 }),
  {
    before: folder => writeFileSync(at(folder), 'x'),
    after: folder =>
      assert.equal([statSync(at(folder)).uid, statSync(at(folder)).gid], [65534, 65534]),
  },
)
settles(
  'a secret',
  folder => file({ path: at(folder), content: new Secret('pw\n', 'x'), mode: '600' }),
  {
    before: folder => writeFileSync(at(folder), 'old'),
    after: holds('pw\n', 0o600),
  },
)
settles(
  'a megabyte of bytes',
  folder => file({ path: at(folder), content: Buffer.alloc(1 << 20, '\0\xff\n', 'latin1') }),
  {
    after: folder => assert.is(statSync(at(folder)).size, 1 << 20),
  },
)
settles('a symlink to a folder in its place', folder => file({ path: at(folder), content: 'x' }), {
  before: folder => {
    mkdirSync(`${folder}/real`)
    symlinkSync(`${folder}/real`, at(folder))
  },
  after: folder => {
    assert.ok(lstatSync(at(folder)).isFile())
    assert.equal(readdirSync(`${folder}/real`), [])
  },
})
settles('a file left half by a killed run', folder => file({ path: at(folder), content: 'x' }), {
  before: folder => writeFileSync(`${folder}/.f.brd`, 'half'),
  after: holds('x'),
})
settles(
  'a file that its check allows',
  folder =>
    file({ path: at(folder), content: 'good\n', validate: path => sh`grep -q good ${path}` }),
  { after: holds('good\n') },
)

refuses(
  'a file that its check forbids',
  folder =>
    file({
      path: at(folder),
      content: 'bad\n',
      validate: path => sh`grep good ${path} || { echo 'no good' >&2; exit 1; }`,
    }),
  /no good.*refused by its check/,
  {
    before: folder => writeFileSync(at(folder), 'old'),
    after: folder =>
      assert.equal([readFileSync(at(folder), 'utf8'), readdirSync(folder)], ['old', ['f']]),
  },
)
refuses(
  'a file where a folder is',
  folder => file({ path: at(folder), content: 'x' }),
  /is a directory, and a file is wanted/,
  {
    before: folder => mkdirSync(at(folder)),
  },
)
refuses(
  'a file in no folder',
  folder => file({ path: at(folder, 'no/f'), content: 'x' }),
  /the host has no folder /,
)

test('a folder for a file is named', () =>
  assert.throws(
    () => file({ path: '/f', source: new URL('.', import.meta.url) }),
    /source: .*\/test\/lib\/operations\/ is a folder/,
  ))

test.run()
