import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  beginRotation,
  finishRotation,
  readGenerations,
  turnRotation,
} from '../../../lib/secrets/generations.ts'
import { initStore, openStore } from '../../../lib/secrets/store.ts'
import { openVault, type SecretValues } from '../../../lib/secrets/vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'brd-generations-'))
const where = { path: join(folder, 'x.age'), key: join(folder, 'key') }
const test = suite('generations')
test.after(() => rmSync(folder, { recursive: true }))

const after = (
  values: SecretValues,
  ...steps: ((values: SecretValues) => void)[]
): SecretValues => {
  for (const step of steps) step(values)
  return values
}
const name = 'stage/redis'

test('a rotation from its beginning to its end', () => {
  const values = after(
    { [name]: 'a' },
    beginRotation(name, () => 'b'),
  )
  assert.equal(values, { [name]: 'a', [`${name}.next`]: 'b' })
  assert.equal(after(values, turnRotation([name])), {
    [name]: 'b',
    [`${name}.previous`]: 'a',
    [`${name}.generation`]: '2',
  })
  assert.equal(after(values, finishRotation(name, false)), {
    [name]: 'b',
    [`${name}.generation`]: '2',
  })
})

test('what is begun again keeps the value that hosts may know already', () => {
  const values = after(
    { [name]: 'a' },
    beginRotation(name, () => 'b'),
    beginRotation(name, () => 'c'),
  )
  assert.is(values[`${name}.next`], 'b')
})

test('no second turn before the first has ended: the value before would be lost', () => {
  const values = after(
    { [name]: 'a' },
    beginRotation(name, () => 'b'),
    turnRotation([name]),
    beginRotation(name, () => 'c'),
  )
  assert.throws(() => turnRotation([name])(values), /stage\/redis: its rotation has no next value/)
  assert.is(values[`${name}.previous`], 'a')
  assert.throws(() => turnRotation([name])({ [name]: 'a' }), /has no next value/)
})

test('what opens older backups is kept under its number', () => {
  const values = after(
    { [name]: 'a' },
    beginRotation(name, () => 'b'),
    turnRotation([name]),
    finishRotation(name, true),
  )
  assert.equal(
    after(
      values,
      beginRotation(name, () => 'c'),
      turnRotation([name]),
      finishRotation(name, true),
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
  assert.throws(
    () => beginRotation(name, null)({ [name]: 'a' }),
    /secrets\.ts set stage\/redis\.next/,
  )
  assert.not.throws(() => beginRotation(name, null)({ [name]: 'a', [`${name}.next`]: 'b' }))
})

test('each step is in the store before it returns, and check mode only imagines it', async () => {
  const real = openVault(() => initStore(where), false)
  await real.secret(name, () => 'value a')
  const imagined = openVault(() => openStore(where), true)
  for (const used of [imagined, real]) {
    await used.edit(beginRotation(name, () => 'value b'))
    assert.is((await readGenerations(used, name)).next?.reveal(), 'value b')
    assert.equal((await openStore(where)).names(), used === real ? [name, `${name}.next`] : [name])
    await used.edit(turnRotation([name]))
    const { now, next, previous, number } = await readGenerations(used, name)
    assert.equal([now.reveal(), next, previous?.reveal(), number], ['value b', null, 'value a', 2])
    await used.edit(finishRotation(name, false))
    assert.is((await readGenerations(used, name)).previous, null)
    assert.is(used.redact('value a, value b'), `(secret ${name}.previous), (secret ${name})`)
  }
  assert.is((await openStore(where)).get(name).reveal(), 'value b')
})

test.run()
