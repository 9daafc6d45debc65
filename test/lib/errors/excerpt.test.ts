import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { takeEnd } from '../../../lib/errors/excerpt.ts'
import { unreadable } from '../../../lib/operation.ts'
import { openVault } from '../../../lib/secrets/vault.ts'

test('a text that fits is left as it is; of a longer one whole words are left', () => {
  assert.is(takeEnd('one two', 7), 'one two')
  assert.is(takeEnd('one two three', 7), '… three')
  assert.is(takeEnd('onetwothree', 5), '…')
})

test('a secret in what a probe said is redacted wherever that is cut', async () => {
  const used = openVault(async () => null, true)
  const secret = (await used.secret('db')).reveal()
  for (let after = 260; after <= 310; after++) {
    const { why } = unreadable({
      exitCode: 1,
      stdout: Buffer.alloc(0),
      stderr: `${'x '.repeat(200)}${secret} ${'y'.repeat(after)}`,
    })
    for (let from = 0; from + 6 <= secret.length; from++)
      assert.not.ok(used.redact(why).includes(secret.slice(from, from + 6)), why)
  }
})

test.run()
