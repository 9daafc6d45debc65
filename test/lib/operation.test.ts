import { readdirSync, readFileSync } from 'node:fs'
import type { Node } from 'typescript/unstable/ast'
import type { Symbol as Declaration, Type } from 'typescript/unstable/sync'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../lib/errors/input-error.ts'
import type { KnownValues, ValueType } from '../../lib/operation/value-type.ts'
import { operation } from '../../lib/operation.ts'
import { apt } from '../../lib/operations/apt.ts'
import { file } from '../../lib/operations/file.ts'
import { journal } from '../../lib/operations/journal.ts'
import { stack } from '../../lib/operations/stack.ts'
import { sudoers } from '../../lib/operations/sudoers.ts'
import { template } from '../../lib/operations/template.ts'
import { user } from '../../lib/operations/user.ts'
import { sh } from '../../lib/sh.ts'
import { readOperations } from '../../scripts/docs/read.ts'
import { withSource } from '../../scripts/docs/source.ts'

const says = (make: () => unknown, message: RegExp): void =>
  assert.throws(
    make,
    (error: unknown) => error instanceof InputError && message.test(error.message),
  )

test('an unknown option is an error that names the nearest one, and all of them', () => {
  // @ts-expect-error a misspelt option
  const misspelt = () => file({ path: '/etc/key', content: '', mdoe: '600' })
  says(
    misspelt,
    /^file \/etc\/key: there is no option mdoe; did you mean "mode"\?\n {2}it takes .*\bpath\b.*$/,
  )
  says(
    // @ts-expect-error one of Ansible's
    () => apt.packages({ name: ['nginx'], state: 'present' }),
    /^apt\.packages: there is no option name; did you mean "names"\?$/m,
  )
  says(
    // @ts-expect-error far from all
    () => stack({ name: 'web', state: 'absent', zzzzzzzz: 1 }),
    /^stack web: there is no option zzzzzzzz\n/,
  )
})

test('no operation takes what it does not know', async () => {
  const { operations } = JSON.parse(
    readFileSync(new URL('../../lib/operations/options.json', import.meta.url), 'utf8'),
  ) as KnownValues
  assert.ok(Object.keys(operations).length > 90)
  for (const name of Object.keys(operations)) {
    const [module = '', ...rest] = name.split('.')
    const found = [module, ...rest].reduce<unknown>(
      (value, key) => (value as Record<string, unknown>)[key],
      await import(`../../lib/operations/${module}.ts`),
    )
    says(
      () => (found as (want: object) => unknown)({ zzzzzzzz: 1 }),
      new RegExp(`^${name}: there is no option zzzzzzzz\n`),
    )
  }
})

test('each wrong one is told', () => {
  // @ts-expect-error two misspelt options
  const two = () => file({ path: '/x', content: '', ownr: 'a', grop: 'b' })
  says(two, /no option ownr; did you mean "owner"\?[\s\S]*no option grop; did you mean "group"\?/)
})

test('what is undefined is not given, and an operation without options needs none', () => {
  const maybe: Record<string, undefined> = { nothing: undefined }
  assert.is(file({ path: '/x', content: '', ...maybe }).id, 'file /x')
  assert.ok(journal().length > 0)
})

test('an operation that is made of another takes its own options', () => {
  assert.type(template, 'function')
  says(
    // @ts-expect-error content comes from the template
    () => template({ path: '/x', source: '/nowhere', data: {}, contnet: '' }),
    /^template \/x: there is no option contnet\n/,
  )
})

const source = (file: string): string =>
  file.endsWith('.ts') ? readFileSync(`lib/operations/${file}`, 'utf8') : ''

test('every kind has the name that a playbook calls it by', async () => {
  const { references } = readOperations(process.cwd())
  for (const { name } of references) {
    const [module = '', ...rest] = name.split('.')
    const found = [module, ...rest].reduce<unknown>(
      (value, key) => (value as Record<string, unknown>)[key],
      await import(`../../lib/operations/${module}.ts`),
    )
    assert.is((found as { readonly kind?: string }).kind, name)
  }
  const names = new Set(references.map(({ name }) => name))
  for (const file of readdirSync('lib/operations', { recursive: true, encoding: 'utf8' }))
    for (const [, kind = ''] of source(file).matchAll(/\boperation\('([^']+)'/g))
      assert.ok(names.has(kind), `${file}: ${kind} is not the name of an operation`)
})

test('an operation that is derived from another has its own kind, and the key of the other', () => {
  const derived = sudoers({ name: 'deploy', rules: [] }, { tags: ['login'] })
  assert.is(derived.id, 'sudoers /etc/sudoers.d/deploy')
  assert.is(derived.key, 'file /etc/sudoers.d/deploy')
  assert.equal(derived.tags, ['login'])
  assert.equal(derived.paths, ['/etc/sudoers.d/deploy'])
})

test('a value that is a word out of a set is checked, with the nearest one', () => {
  const abset: 'absent' = JSON.parse('"abset"')
  says(
    () => user({ name: 'anna', state: abset }),
    new RegExp(
      String.raw`^user anna: state: "abset" is not possible; did you mean "absent"\?` +
        String.raw`\n {2}it is one of present, absent$`,
    ),
  )
  const one: 'absent' = JSON.parse('1')
  says(() => user({ name: 'anna', state: one }), /^user anna: state: 1 is not possible\n/)
})

test('a bad value says what is wrong, of which operation, and what to do', () => {
  says(
    () => file({ path: '/etc/key', content: '', mode: '999' }),
    /^file \/etc\/key: mode: "999" is not a mode\n {2}write it in octal, such as '644'$/,
  )
  says(
    () => template({ path: '/x', source: new URL('file:///nowhere'), data: {} }),
    /^template \/x: ENOENT.*\/nowhere/,
  )
})

test('an InputError of a check gets the place of the operation', () => {
  const even = operation('even', {
    check: ({ number }: { name: string; number: number }) => {
      if (number % 2 !== 0) throw new InputError({ message: `${number} is odd` })
    },
    name: ({ name }) => name,
    probe: () => sh`true`,
    read: () => null,
    plan: () => null,
  })
  says(() => even({ name: 'one', number: 1 }), /^even one: 1 is odd$/)
  assert.is(even({ name: 'two', number: 2 }).id, 'even two')
})

test('an editor shows what an operation does, also where its module lists it', () => {
  const { references } = readOperations(process.cwd())
  const bare = withSource(process.cwd(), ({ project, checker }) =>
    references.flatMap(({ name, doc }) => {
      const [module = '', part] = name.split('.')
      const file = project.program.getSourceFile(`${process.cwd()}/lib/operations/${module}.ts`)
      const exports = checker.getExportsOfModule(
        checker.getSymbolAtLocation(file as Node) as Declaration,
      )
      const whole = exports.find(one => one.name === module) as Declaration
      const type = checker.getTypeOfSymbol(whole) as Type
      const own = part === undefined ? whole : checker.getPropertyOfType(type, part)
      const shown = own ? checker.getDocumentationCommentOfSymbol(own).replace(/\s+/g, ' ') : ''
      return shown !== '' && doc.startsWith(shown) ? [] : [`${name}: ${shown}`]
    }),
  )
  assert.equal(bare, [])
})

const { operations, types, calls } = JSON.parse(
  readFileSync('lib/operations/options.json', 'utf8'),
) as KnownValues
/** The names of options whose numbers have no range. */
const listBare = (type: ValueType, name: string): readonly string[] => {
  if (typeof type === 'string') return type === 'number' ? [name] : []
  if ('list' in type) return listBare(type.list, name)
  if ('map' in type) return listBare(type.map, name)
  if ('either' in type) return type.either.flatMap(one => listBare(one, name))
  if (!('options' in type)) return []
  return Object.entries(type.options).flatMap(([key, one]) => listBare(one, key.replace('?', '')))
}

test('every number has a range, but for those that are written as they are', () => {
  const all = Object.entries({ ...operations, ...calls, ...types })
  const bare = new Set(all.flatMap(([name, type]) => listBare(type, name)))
  assert.equal([...bare].sort(), ['Value', 'settings', 'value', 'values'])
})

test('a definition of an operation is checked when it is first made', () => {
  const right = {
    name: () => 'x',
    probe: () => sh`echo x`,
    read: () => 'x',
    plan: () => null,
  }
  assert.is(operation('right', right)({}).id, 'right x')
  const define = (definition: object) => operation('mine', definition as typeof right)
  const misspelt = define({ ...right, probSeconds: 3 })
  says(
    () => misspelt({}),
    /^operation\('mine'\): there is no option probSeconds; did you mean "probeSeconds"\?$/m,
  )
  says(
    () => define({ ...right, probeSeconds: '3' })({}),
    /^operation\('mine'\): probeSeconds: "3" is not possible\n {2}it is a whole number, 0 /,
  )
  says(
    () => define({ name: () => 'x', probe: () => sh`true`, read: () => 'x' })({}),
    /^operation\('mine'\): plan is expected\n/,
  )
})

test.run()
