import { sign, verify } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openSigningKey } from '../../../lib/verification/signing-key.ts'

const test = suite('the key of a verification host')
let folder = ''
const path = (): string => join(folder, 'state/signing-key.pem')
const refusal = (mayMake = true): Promise<string> =>
  openSigningKey(path(), { mayMake }).then(
    () => 'opened',
    error => error.message,
  )

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'brdtest-key-'))
})
test.after.each(() => rmSync(folder, { recursive: true }))

test('it is made once, for its owner only, and stays the same', async () => {
  const made = await openSigningKey(path(), { mayMake: true })
  assert.ok(made.isNew)
  assert.is(statSync(path()).mode & 0o777, 0o600)
  const again = await openSigningKey(path(), { mayMake: false })
  assert.not.ok(again.isNew)
  assert.is(again.publicText, made.publicText)
  assert.match(made.publicText, /^-----BEGIN PUBLIC KEY-----/)
  const text = Buffer.from('a line')
  assert.ok(verify(null, text, again.publicKey, sign(null, text, made.privateKey)))
})

test('one that is missing beside a ledger is not made anew', async () => {
  assert.match(await refusal(false), 'is missing, and the ledger beside it was signed with it')
  assert.not.ok(existsSync(path()))
})

test('one that others may read, and one that is something else, are refused', async () => {
  await openSigningKey(path(), { mayMake: true })
  chmodSync(path(), 0o640)
  assert.match(await refusal(), 'others than its owner may read it')
  chmodSync(path(), 0o600)
  writeFileSync(path(), 'a word that must not be shown')
  const said = await refusal()
  assert.match(said, 'is not an Ed25519 key in PEM')
  assert.not.match(said, 'a word')
})

test.run()
