import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  createFingerprint,
  fingerprintChange,
  openFingerprint,
} from '../../../../lib/run/plan/fingerprint.ts'
import { Secret } from '../../../../lib/secret.ts'
import { initStore, openStore } from '../../../../lib/secrets/store.ts'
import { openVault } from '../../../../lib/secrets/vault.ts'
import { sh } from '../../../../lib/sh.ts'

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

test('another value of a secret is another change; a new secret is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-fingerprint-'))
  const where = { path: join(folder, 'x.age'), key: join(folder, 'age.key') }
  const store = await initStore(where)
  await store.set('known', 'first-value-of-it')
  /** The change of a run, in check mode or not. */
  const describeRun = async (check: boolean) => {
    const vault = openVault(() => openStore(where), check)
    const { fingerprint } = await createFingerprint(vault)
    const [known, made] = [await vault.secret('known'), await vault.secret('made')]
    const sql = new Secret(`SET PASSWORD '${made.reveal()}';\n`, 'statements')
    return {
      known: fingerprintChange(fingerprint, { diff: [], apply: sh`x`, stdin: known }),
      made: fingerprintChange(fingerprint, { diff: [], apply: sh`x`, stdin: [made, sql] }),
    }
  }
  const planned = await describeRun(true)
  assert.equal(await describeRun(true), planned, 'the made-up values of two checks differ')
  await store.set('known', 'second-value-of-it')
  const run = await describeRun(false)
  assert.is.not(run.known, planned.known)
  assert.is(run.made, planned.made)
  assert.is.not((await describeRun(false)).made, planned.made, 'it is in the store now')
  rmSync(folder, { recursive: true })
})

test.run()
