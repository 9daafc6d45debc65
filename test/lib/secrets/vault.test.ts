import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { initStore, openStore } from '../../../lib/secrets/store.ts'
import { openVault } from '../../../lib/secrets/vault.ts'

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

test.run()
