import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../lib/errors/input-error.ts'
import { OptionError } from '../../lib/errors/option-error.ts'
import { collectProblems } from '../../lib/operation/options.ts'
import type { KnownRoles } from '../../lib/operation/value-type.ts'
import type { Operation } from '../../lib/operation.ts'
import { file } from '../../lib/operations/file.ts'
import { role } from '../../lib/role.ts'
import { makeForHosts } from '../../lib/run/make-lists.ts'

const folder = mkdtempSync(join(tmpdir(), 'brdtest-role-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))
const known: KnownRoles = {
  types: {},
  roles: {
    page: {
      options: {
        text: 'text',
        'ports?': { list: { number: [1, 65_535] } },
        'tls?': { options: { mode: { is: ['off', 'strict'] } } },
      },
    },
  },
}
writeFileSync(join(folder, 'options.json'), JSON.stringify(known))
const meta = { url: pathToFileURL(join(folder, 'page.ts')).href }

type Page = { readonly text: string }
const page = role(meta, 'page', ({ text }: Page): readonly Operation[] => {
  if (text === 'bad') throw new OptionError({ message: 'text: "bad" has no meaning' })
  return [file({ path: '/srv/page', content: text })]
})
/** Calls it as a playbook without a compiler does. */
const untyped = page as (options?: unknown) => readonly Operation[]

const message = (work: () => unknown): string => {
  try {
    work()
    return ''
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.message
  }
}

/** What is given, and what is said. */
const rows: Record<string, [options: unknown, said: string]> = {
  'a misspelt option': [
    { text: 'hi', prots: [80] },
    'page: there is no option prots; did you mean "ports"?\n  it takes text, ports, tls',
  ],
  'an option that resembles none': [
    { text: 'hi', motd: 'hi' },
    'page: there is no option motd\n  it takes text, ports, tls; ' +
      "if it is new in the role's type: npx zx scripts/docs.ts",
  ],
  'one that is missing': [{}, 'page: text is expected\n  it is text'],
  'no options': [undefined, 'page: text is expected\n  it is text'],
  'a value in a list': [
    { text: 'hi', ports: [80, '22x'] },
    'page: ports[1]: "22x" is not possible\n  it is a whole number, 1 to 65535',
  ],
  'a word in an object': [
    { text: 'hi', tls: { mode: 'strikt' } },
    'page: tls.mode: "strikt" is not possible; did you mean "strict"?\n  it is one of off, strict',
  ],
  'what the role itself refuses': [{ text: 'bad' }, 'page: text: "bad" has no meaning'],
}
for (const [name, [options, said]] of Object.entries(rows))
  test(`refused: ${name}`, () =>
    assert.is(
      message(() => untyped(options)),
      said,
    ))

test('right options give the list, and an option that is undefined is not given', () => {
  assert.equal(
    untyped({ text: 'hi', ports: undefined }).map(({ id }) => id),
    ['file /srv/page'],
  )
  assert.is(page.role, 'page')
})

test('a list names all that is wrong in it, with the hosts', () => {
  const hosts = [{ name: 'web1' }, { name: 'web2' }]
  const make = () => ({
    page: untyped({ text: 'hi', txet: 1 }),
    more: [...untyped({ text: 7 }), file({ path: '/x', content: '', mdoe: '600' } as never)],
  })
  assert.is(
    message(() => makeForHosts(hosts, () => collectProblems(make))).replace(/\n {2}.*/g, ''),
    [
      'web1, web2: page: there is no option txet; did you mean "text"?',
      'web1, web2: page: text: 7 is not possible',
      'web1, web2: file /x: there is no option mdoe; did you mean "mode"?',
    ].join('\n'),
  )
})

test('a role that is not described is not checked', () => {
  const echo = (options: object) => Object.keys(options)
  assert.equal(role(meta, 'other', echo)({ anything: 1 }), ['anything'])
  const elsewhere = { url: pathToFileURL(join(folder, 'none/page.ts')).href }
  assert.equal(role(elsewhere, 'page', echo)({ anything: 1 }), ['anything'])
})

test.run()
