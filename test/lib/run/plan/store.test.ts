import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { createFingerprint, openFingerprint } from '../../../../lib/run/plan/fingerprint.ts'
import { initStore } from '../../../../lib/secrets/store.ts'
import { openVault } from '../../../../lib/secrets/vault.ts'

test('where there is a store its key makes the seals, and none of it is in the plan', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-fingerprint-'))
  const open = (name: string) =>
    openVault(() => initStore({ path: join(folder, name), key: join(folder, 'age.key') }), false)
  const { fingerprint, key } = await createFingerprint(open('one.age'))
  assert.is(key, 'store')
  const same = await openFingerprint({ key: 'store' } as never, open('one.age'))
  const other = await openFingerprint({ key: 'store' } as never, open('other.age'))
  assert.is(same('state', 'x'), fingerprint('state', 'x'))
  assert.is.not(other('state', 'x'), fingerprint('state', 'x'))
  assert.is.not(fingerprint('change', 'x'), fingerprint('state', 'x'))
  rmSync(folder, { recursive: true })
})

test.run()
