import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { newSeal, sealOf } from '../../../../lib/run/plan/fingerprint.ts'
import { initStore } from '../../../../lib/secrets/store.ts'
import { openVault } from '../../../../lib/secrets/vault.ts'

test('where there is a store its key makes the seals, and none of it is in the plan', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-seal-'))
  const open = (name: string) =>
    openVault(() => initStore({ path: join(folder, name), key: join(folder, 'age.key') }), false)
  const { seal, key } = await newSeal(open('one.age'))
  assert.is(key, 'store')
  const same = await sealOf({ key: 'store' } as never, open('one.age'))
  const other = await sealOf({ key: 'store' } as never, open('other.age'))
  assert.is(same('state', 'x'), seal('state', 'x'))
  assert.is.not(other('state', 'x'), seal('state', 'x'))
  assert.is.not(seal('change', 'x'), seal('state', 'x'))
  rmSync(folder, { recursive: true })
})

test.run()
