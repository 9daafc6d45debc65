import { inspect, isDeepStrictEqual } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import * as z from 'zod'
import { InputError } from '../../../lib/errors/input-error.ts'
import { guardNames } from '../../../lib/inventory/guard-names.ts'
import { parseInventory } from '../../../lib/inventory/load.ts'
import { parseInventorySource } from '../../../lib/inventory/read-source.ts'
import { makeSchema } from '../../../lib/inventory/schema.ts'
import { declareSettings } from '../../../lib/settings.ts'

// biome-ignore lint/suspicious/noExplicitAny: as a playbook without a compiler reads it
type Loose = Record<string, any>
const shape = {
  size: z.int().optional(),
  site: z.strictObject({ name: z.string(), alias: z.string().optional() }),
  people: z.record(z.string(), z.string()),
}
const refuse = (path: readonly PropertyKey[]) => new Error(`unset: ${path.join('.')}`)
const guarded = () =>
  guardNames(
    { zone: 'UTC', site: { name: 'shop' }, people: { anna: 'key' }, free: { a: { b: 1 } } },
    shape,
    refuse,
  ) as Loose

test('what is set is read as ever; a name that nobody sets throws, at any depth', () => {
  const vars = guarded()
  assert.is(vars['zone'], 'UTC')
  assert.is(vars['free'].a.b, 1)
  assert.throws(() => vars['zoen'], /unset: zoen/)
  assert.throws(() => `${vars['site'].nam}`, /unset: site\.nam/)
  assert.throws(() => vars['free'].a.c, /unset: free\.a\.c/)
})

test('what is declared as optional may be unset, and a record may be asked for any name', () => {
  const vars = guarded()
  assert.is(vars['size'] ?? 3, 3)
  assert.is(vars['site'].alias, undefined)
  assert.is(vars['people'].berta, undefined)
})

test('`in`, keys, copies, JSON, equality and await are those of a plain object', async () => {
  const vars = guarded()
  assert.is('zoen' in vars, false)
  assert.is('zone' in vars, true)
  assert.equal(Object.keys(vars), ['zone', 'site', 'people', 'free'])
  const plain = {
    zone: 'UTC',
    site: { name: 'shop' },
    people: { anna: 'key' },
    free: { a: { b: 1 } },
  }
  assert.is(JSON.stringify(vars), JSON.stringify(plain))
  assert.equal(structuredClone(vars), plain)
  assert.is({ ...vars }['zoen'], undefined)
  assert.is(await Promise.resolve(vars), vars)
  assert.match(inspect(vars), "zone: 'UTC'")
  assert.ok(isDeepStrictEqual({ ...vars, site: 1, free: 1 }, { ...plain, site: 1, free: 1 }))
  assert.is(String(vars), '[object Object]')
  assert.is(Object.hasOwn(vars, 'zone'), true)
})

const web = declareSettings({ role: 'web', settings: { shop: z.strictObject({ port: z.int() }) } })
const free = z.object({ colour: z.string(), size: z.int().optional(), shade: z.int().default(5) })
const text = `all: {shop: {port: 80}, vars: {other: 1}}
servers:
  web1: {address: local, vars: {colour: red}}
  web2: {address: 192.0.2.1}
`
const load = (declared?: z.ZodObject) => {
  const schema = makeSchema([web], declared)
  return parseInventory(
    parseInventorySource(declared ? text.replace(', vars: {other: 1}', '') : text, 'hosts.yaml'),
    { schema },
  ).hosts
}
const says = (work: () => unknown, message: RegExp) =>
  assert.throws(
    work,
    (error: unknown) => error instanceof InputError && message.test(error.message),
  )

test('a misspelt variable names the host, its place and the nearest name', () => {
  const vars = load().get('web1')?.vars as Loose
  assert.is(vars['colour'], 'red')
  assert.is(vars['other'], 1)
  says(
    () => vars['color'],
    /^hosts\.yaml:3:3: servers\.web1: nothing is named color; did you mean "colour"\?/,
  )
  says(() => vars['shop'].prot, /servers\.web1: nothing is named shop\.prot; did you mean "port"\?/)
  says(() => vars['timezon'], /\n {2}Variables are set under vars: in hosts\.yaml/)
})

test('a variable that another host has is said to be unset', () =>
  says(
    () => (load().get('web2')!.vars as Loose)['colour'],
    /^hosts\.yaml:4:3: servers\.web2: the variable colour is not set\n {2}Set it under vars:/,
  ))

test('declared variables have their defaults, and only optional ones may be unset', () => {
  const vars = load(free).get('web2')?.vars as Loose
  assert.is(vars['shade'], 5)
  assert.is(vars['size'], undefined)
  says(() => vars['colour'], /servers\.web2: the variable colour is not set/)
})

test('a variable may not have the name of a setting', () =>
  says(
    () => makeSchema([web], z.object({ shop: z.string() })),
    /declares "shop", which is a setting/,
  ))

test.run()
