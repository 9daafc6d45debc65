import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { begin, finish, generationsOf, turn } from '../../../lib/secrets/generations.ts'
import { initStore, openStore } from '../../../lib/secrets/store.ts'
import { type Values, vault } from '../../../lib/secrets/vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'brd-generations-'))
const where = { path: join(folder, 'x.age'), key: join(folder, 'key') }
const test = suite('generations')
test.after(() => rmSync(folder, { recursive: true }))

const after = (values: Values, ...steps: ((values: Values) => void)[]): Values => {
  for (const step of steps) step(values)
  return values
}
const name = 'stage/redis'

test('a rotation from its beginning to its end', () => {
  const values = after(
    { [name]: 'a' },
    begin(name, () => 'b'),
  )
  assert.equal(values, { [name]: 'a', [`${name}.next`]: 'b' })
  assert.equal(after(values, turn([name])), {
    [name]: 'b',
    [`${name}.previous`]: 'a',
    [`${name}.generation`]: '2',
  })
  assert.equal(after(values, finish(name, false)), { [name]: 'b', [`${name}.generation`]: '2' })
})

test('what is begun again keeps the value that hosts may know already', () => {
  const values = after(
    { [name]: 'a' },
    begin(name, () => 'b'),
    begin(name, () => 'c'),
  )
  assert.is(values[`${name}.next`], 'b')
})

test('no second turn before the first has ended: the value before would be lost', () => {
  const values = after(
    { [name]: 'a' },
    begin(name, () => 'b'),
    turn([name]),
    begin(name, () => 'c'),
  )
  assert.throws(() => turn([name])(values), /stage\/redis: its rotation is not at its turn/)
  assert.is(values[`${name}.previous`], 'a')
  assert.throws(() => turn([name])({ [name]: 'a' }), /not at its turn/)
})

test('what opens older backups is kept under its number', () => {
  const values = after(
    { [name]: 'a' },
    begin(name, () => 'b'),
    turn([name]),
    finish(name, true),
  )
  assert.equal(
    after(
      values,
      begin(name, () => 'c'),
      turn([name]),
      finish(name, true),
    ),
    {
      [name]: 'c',
      [`${name}.generation`]: '3',
      [`${name}.1`]: 'a',
      [`${name}.2`]: 'b',
    },
  )
})

test('what only its owner knows is not made up, and the error says how it is given', () => {
  assert.throws(() => begin(name, null)({ [name]: 'a' }), /secrets\.ts set stage\/redis\.next/)
  assert.not.throws(() => begin(name, null)({ [name]: 'a', [`${name}.next`]: 'b' }))
})

test('each step is in the store before it returns, and check mode only imagines it', async () => {
  const real = vault(() => initStore(where), false)
  await real.secret(name, () => 'value a')
  const imagined = vault(() => openStore(where), true)
  for (const used of [imagined, real]) {
    await used.edit(begin(name, () => 'value b'))
    assert.is((await generationsOf(used, name)).next?.reveal(), 'value b')
    assert.equal((await openStore(where)).names(), used === real ? [name, `${name}.next`] : [name])
    await used.edit(turn([name]))
    const { now, next, previous, number } = await generationsOf(used, name)
    assert.equal([now.reveal(), next, previous?.reveal(), number], ['value b', null, 'value a', 2])
    await used.edit(finish(name, false))
    assert.is((await generationsOf(used, name)).previous, null)
    assert.is(used.redact('value a, value b'), `(secret ${name}.previous), (secret ${name})`)
  }
  assert.is((await openStore(where)).get(name).reveal(), 'value b')
})

test.run()
