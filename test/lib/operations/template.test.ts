import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import type { Change } from '../../../lib/operation.ts'
import { template } from '../../../lib/operations/template.ts'
import { Secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh.ts'
import { makeOutput, nothingPending, plans, settles } from '../../support/operations.ts'

const scratch = mkdtempSync(join(tmpdir(), 'brd-template-'))
test.after(() => rmSync(scratch, { recursive: true, force: true }))
let made = 0
const eta = (text: string): URL => {
  const path = join(scratch, `${++made}.eta`)
  writeFileSync(path, text)
  return pathToFileURL(path)
}
const path = '/etc/site.conf'
/** What the file is made to hold. */
const text = (source: string, data: Record<string, unknown> = {}) =>
  String(
    (
      template({ path, source: eta(source), data }).decide(
        makeOutput('absent\n'),
        nothingPending,
      ) as Change
    ).stdin,
  )

plans(template, {
  'writes what is absent': [
    'absent\n',
    { path, source: eta('port <%= it.port %>\n'), data: { port: 80 }, mode: '600' },
    [
      'content: absent -> port 80\n',
      'mode: absent -> 600',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'with a secret in it shows none of it': [
    'absent\n',
    {
      path,
      source: eta('pw <%= it.db.pw %> <%= it.db.pw %>\n'),
      data: { db: { pw: new Secret('hunter2', 'db/pw') } },
    },
    [
      'content: absent -> (secret db/pw)',
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
})

const texts: Readonly<Record<string, readonly [string, Record<string, unknown>, string]>> = {
  'values where they stand, nothing escaped': [
    'a <%= it.a %>\nb="<%= it.b %>"\n',
    { a: 1, b: '<&"\'>' },
    'a 1\nb="<&"\'>"\n',
  ],
  'lines of code leave no lines': [
    'hosts:\n  <% for (const host of it.hosts) { %>\n  - <%= host.name %>\n  <% } %>\nend\n',
    { hosts: [{ name: 'a' }, { name: 'b' }] },
    'hosts:\n  - a\n  - b\nend\n',
  ],
  'code within a line leaves the line': [
    'a<% if (it.on) { %> on<% } %>\nb\n',
    { on: true },
    'a on\nb\n',
  ],
  'lines of Windows, a line of code leaves none': [
    '<% if (true) { %>\r\na\r\n<% } %>\r\n',
    {},
    'a\r\n',
  ],
  'the line break of Windows after a value': [
    'a=<%= it.a %>\r\nb\r\n\r\n<%~ it.a %>\r\n',
    { a: 'x\r\n\u2000' },
    'a=x\r\n\u2000\r\nb\r\n\r\nx\r\n\u2000\r\n',
  ],
  'returns by themselves': ['a\r\r\n<% 1 %>\r\nb\r<%= 1 %>\r', {}, 'a\r\r\nb\r1\r'],
  'a break that a tag takes away': ['a\r\n<%- 1 -%>\r\nb\r\n', {}, 'ab\r\n'],
  'what is asked for with in, or is there as undefined': [
    "<%= 'x' in it ? 1 : 0 %><%= it.y ?? 2 %>",
    { y: undefined },
    '02',
  ],
  'methods of texts and lists': [
    "<%= it.names.map(name => name.toUpperCase()).join(', ') %>\n",
    { names: ['a', 'b'] },
    'A, B\n',
  ],
  'no code at all': ['$HOME `x` ${y} \\n %> \n', {}, '$HOME `x` ${y} \\n %> \n'],
}
for (const [title, [source, data, expected]] of Object.entries(texts))
  test(`writes ${title}`, () => assert.is(text(source, data), expected))

const wrong: Readonly<Record<string, readonly [string, Record<string, unknown>, number, RegExp]>> =
  {
    'a name that is not there': [
      'a\n\n<%= it.hostnme %>\n',
      { hostname: 'x' },
      3,
      /there is no it.hostnme; did you mean "hostname"\?/,
    ],
    'a name below that is not there': [
      'a\n<% for (const h of it.hosts) { %>\n<%= h.adress %>\n<% } %>\n',
      { hosts: [{ address: 1 }] },
      3,
      /there is no it.hosts.0.adress; did you mean/,
    ],
    'a value that is no text': [
      'a\n<%= it.x %>',
      { x: {} },
      2,
      /a value of the type object cannot be written/,
    ],
    'a value that is undefined': [
      '<%~ it.x %>',
      { x: undefined },
      1,
      /undefined cannot be written/,
    ],
    'a tag without an end': ['a\nb <%= it.x \n', { x: 1 }, 2, /unclosed tag/],
    'code that is none': ['a\n\n  <% if (it.x { %>\nb\n<% } %>\n', { x: 1 }, 3, /Unexpected token/],
    'a loop without an end': ['<% if (true) { %>\na\n', {}, 1, /Unexpected|Missing/],
    'what a value throws': [
      '\n\n\n<%= it.f() %>',
      {
        f: () => {
          throw new Error('no such luck')
        },
      },
      4,
      /no such luck/,
    ],
  }
for (const [title, [source, data, line, message]] of Object.entries(wrong))
  test(`${title} is an error with its line`, () => {
    const url = eta(source)
    try {
      template({ path, source: url, data })
      assert.unreachable()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      assert.is(error.problems[0]?.place, `${fileURLToPath(url)}:${line}`)
      assert.match(error.message, message)
    }
  })
test('a template that is not there is an error', () =>
  assert.throws(
    () => template({ path, source: new URL('file:///nowhere.eta'), data: {} }),
    /ENOENT/,
  ))
test('a file and a template of one path are one operation, and own it', () => {
  const op = template({ path, source: eta(''), data: {} })
  assert.equal(
    [op.id, op.key, op.paths],
    ['template /etc/site.conf', 'file /etc/site.conf', [path]],
  )
})

settles(
  'a file from a template',
  folder =>
    template({
      path: `${folder}/f`,
      source: eta('<% for (const n of [1, 2]) { %>\nn <%= n %>\n<% } %>'),
      data: {},
      mode: '640',
      validate: path => sh`grep -q n ${path}`,
    }),
  {
    after: folder => {
      assert.is(readFileSync(`${folder}/f`, 'utf8'), 'n 1\nn 2\n')
      assert.is(statSync(`${folder}/f`).mode & 0o777, 0o640)
    },
  },
)
settles(
  'a file from a template with a secret',
  folder =>
    template({
      path: `${folder}/f`,
      source: eta('pw=<%= it.pw %>\n'),
      data: { pw: new Secret('hunter2', 'pw') },
    }),
  {
    before: folder => writeFileSync(`${folder}/f`, 'pw=old\n'),
    after: folder => assert.is(readFileSync(`${folder}/f`, 'utf8'), 'pw=hunter2\n'),
  },
)

test.run()
