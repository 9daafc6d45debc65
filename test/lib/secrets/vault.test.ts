import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { initStore, openStore } from '../../../lib/secrets/store.ts'
import { describeMade, openVault } from '../../../lib/secrets/vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'brd-vault-'))
const where = { path: join(folder, 'x.age'), key: join(folder, 'key') }
const test = suite('vault')
test.after(() => rmSync(folder, { recursive: true }))

test('check makes up a missing secret and writes nothing; a run generates it once', async () => {
  const store = await initStore(where)
  const made = await openVault(async () => store, true).secret('grafana')
  assert.equal((await openStore(where)).names(), [])
  const first = await openVault(async () => store, false).secret('grafana')
  assert.is.not(first.reveal(), made.reveal())
  assert.is(
    (await openVault(() => openStore(where), true).secret('grafana')).reveal(),
    first.reveal(),
  )
})

test('without a store check mode still answers, one secret the same all along', async () => {
  const none = openVault(async () => null, true)
  assert.is((await none.secret('a')).reveal(), (await none.secret('a')).reveal())
  assert.match(none.hmac('p', await none.secret('a')), /^[0-9a-f]{64}$/)
  assert.not(existsSync(join(folder, 'other.age')))
})

test('every secret that was used is taken out of a text', async () => {
  const used = openVault(async () => null, true)
  const secret = await used.secret('token', () => 'hunter22')
  assert.is(used.redact(`x ${secret.reveal()} hunter22 y`), 'x (secret token) (secret token) y')
})

test('a secret that begins with another one is taken out whole', async () => {
  const used = openVault(async () => null, true)
  await used.secret('short', () => 'hunter22')
  await used.secret('long', () => 'hunter22-and-more')
  assert.is(used.redact('x hunter22-and-more hunter22'), 'x (secret long) (secret short)')
})

test('what is in the store is found, and nothing is generated for what is not', async () => {
  const store = await initStore({ path: join(folder, 'find.age'), key: where.key })
  await store.set('there', 'hunter-there')
  for (const check of [true, false]) {
    const vault = openVault(async () => store, check)
    assert.is((await vault.find('there'))?.reveal(), 'hunter-there')
    assert.is(vault.redact('x hunter-there'), 'x (secret there)')
    assert.is(await vault.find('missing'), null)
    assert.is(await vault.find('toString'), null)
  }
  assert.equal(store.names(), ['there'])
})

test('an edit is on disk before it returns; in check mode only this run sees it', async () => {
  const place = { path: join(folder, 'edit.age'), key: where.key }
  const store = await initStore(place)
  const checked = openVault(async () => store, true)
  await checked.edit(values => void Object.assign(values, { made: 'hunter-made' }))
  assert.is((await checked.find('made'))?.reveal(), 'hunter-made')
  assert.equal((await openStore(place)).names(), [])
  const vault = openVault(async () => store, false)
  await vault.edit(values => void Object.assign(values, { made: 'hunter-made' }))
  assert.equal((await openStore(place)).names(), ['made'])
})

test('a vault is keyed if there is a store, whose key makes its HMACs', async () => {
  const store = await initStore({ path: join(folder, 'keyed.age'), key: where.key })
  const keyed = openVault(async () => store, true)
  const none = openVault(async () => null, true)
  assert.is(await keyed.keyed(), true)
  assert.is(await none.keyed(), false)
  const secret = await keyed.secret('token')
  assert.is(keyed.hmac('stack', secret), store.hmac('stack', secret))
  assert.is(none.hmac('stack', secret), none.hmac('stack', secret))
  assert.is.not(none.hmac('stack', secret), none.hmac('stamp', secret))
  assert.is.not(none.hmac('stack', secret), keyed.hmac('stack', secret))
})

for (const check of [true, false])
  test(`a secret that was made new is told once, check ${check}`, async () => {
    const own = { path: join(folder, `made-${check}.age`), key: join(folder, 'key') }
    const store = await initStore(own)
    await store.set('shop/database', 'hunter22')
    const used = openVault(async () => store, check)
    await used.secret('shop/database')
    assert.equal(used.takeMade(), [])
    await used.secret('shop/databse')
    await used.secret('shop/databse')
    assert.equal(used.takeMade(), [{ name: 'shop/databse', near: 'shop/database' }])
    assert.equal(used.takeMade(), [])
  })

for (const check of [true, false])
  test(`a secret that must be there is never made up, check ${check}`, async () => {
    const own = { path: join(folder, `given-${check}.age`), key: join(folder, 'key') }
    const store = await initStore(own)
    await store.set('web/certificate', 'PEM')
    const used = openVault(async () => store, check)
    assert.is((await used.given('web/certificate')).reveal(), 'PEM')
    const said = await used.given('web/certifcate').catch(error => error.message)
    assert.is(
      said,
      'the secret web/certifcate is not in the store; did you mean "web/certificate"?\n' +
        '  Set it with: npx zx scripts/secrets.ts set web/certifcate',
    )
    assert.equal((await openStore(own)).names(), ['web/certificate'])
    assert.equal(used.takeMade(), [])
  })

test('what a run has made new is said, and known by value', async () => {
  const vault = openVault(async () => null, true)
  assert.equal(vault.made(), [])
  const secret = await vault.secret('shop/key')
  assert.equal(
    vault.made().map(it => it.reveal()),
    [secret.reveal()],
  )
  assert.is(
    describeMade({ name: 'a', near: null }, true),
    'the secret a was made new: it was not in the store',
  )
  assert.is(
    describeMade({ name: 'a', near: 'ab' }, false),
    'the secret a would be made new: it was not in the store, which has ab',
  )
})

test.run()
