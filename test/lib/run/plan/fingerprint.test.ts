import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Slot } from '../../../../lib/converge/plan.ts'
import { type Change, Unknown } from '../../../../lib/operation.ts'
import {
  createFingerprint,
  fingerprintChange,
  fingerprintState,
  matchesPlan,
  openFingerprint,
  sealPlan,
} from '../../../../lib/run/plan/fingerprint.ts'
import type { SavedPlan, UnsealedPlan } from '../../../../lib/run/plan/format.ts'
import { Secret } from '../../../../lib/secret.ts'
import { initStore } from '../../../../lib/secrets/store.ts'
import { openVault } from '../../../../lib/secrets/vault.ts'
import { sh } from '../../../../lib/sh.ts'

const folder = mkdtempSync(join(tmpdir(), 'brd-fingerprint-'))
const test = suite('the fingerprints of a plan')
test.after(() => rmSync(folder, { recursive: true }))

const without = () => openVault(async () => null, true)
const change: Change = {
  diff: [{ key: 'content', before: null, after: 'a' }],
  apply: sh`cat >/srv/a`,
  stdin: 'a\n',
}
const output = (exitCode: number, stdout: Buffer) => ({ exitCode, stdout, stderr: '' })

test('without a store a plan has its own key, with which it is opened', async () => {
  const { fingerprint, key } = await createFingerprint(without())
  if (key === 'store') throw new Error('there is no store')
  assert.is(Buffer.from(key.own, 'base64').length, 32)
  assert.match(fingerprint('state', 'x'), /^[0-9a-f]{64}$/)
  const opened = await openFingerprint({ key } as SavedPlan, without())
  assert.is(opened('state', 'x'), fingerprint('state', 'x'))
  const other = await createFingerprint(without())
  assert.is.not(other.fingerprint('state', 'x'), fingerprint('state', 'x'))
  // A purpose and a text do not run into each other.
  assert.is.not(fingerprint('a', 'b'), fingerprint('ab', ''))
  assert.is.not(fingerprint('state', 'x'), fingerprint('change', 'x'))
})

test('with a store, a run of another process opens the plan', async () => {
  const store = await initStore({ path: join(folder, 'a.age'), key: join(folder, 'key') })
  const { fingerprint, key } = await createFingerprint(openVault(async () => store, true))
  assert.is(key, 'store')
  const opened = await openFingerprint(
    { key } as SavedPlan,
    openVault(async () => store, true),
  )
  assert.is(opened('state', 'x'), fingerprint('state', 'x'))
})

test('a state is its exit code and every byte that was printed', async () => {
  const { fingerprint } = await createFingerprint(without())
  const prints = [
    output(0, Buffer.from('a')),
    output(1, Buffer.from('a')),
    output(0, Buffer.from('b')),
    output(0, Buffer.from([0xff])),
    output(0, Buffer.from([0xfe])),
  ].map(it => fingerprintState(fingerprint, it))
  assert.is(new Set(prints).size, 5)
  assert.is(fingerprintState(fingerprint, output(0, Buffer.from('a'))), prints[0])
})

test('a change is its fragment, its diff and what it is given', async () => {
  const { fingerprint } = await createFingerprint(without())
  const { stdin: _, ...withoutStdin } = change
  const all: Change[] = [
    change,
    { ...change, apply: sh`cat >/srv/b` },
    { ...change, diff: [] },
    { ...change, stdin: 'b\n' },
    { ...change, stdin: Buffer.from([0xff]) },
    { ...change, stdin: Buffer.from([0xfe]) },
    { ...change, stdin: '' },
    withoutStdin,
  ]
  const prints = all.map(it => fingerprintChange(fingerprint, it))
  assert.is(new Set(prints).size, all.length)
  assert.is(fingerprintChange(fingerprint, { ...change, stdin: Buffer.from('a\n') }), prints[0])
})

test('a secret counts by its value under a store, and by its name without one', async () => {
  const store = await initStore({ path: join(folder, 'b.age'), key: join(folder, 'key') })
  const of = async (vault: ReturnType<typeof openVault>) => {
    const { fingerprint } = await createFingerprint(vault)
    return (value: string, name: string) =>
      fingerprintChange(fingerprint, { ...change, stdin: ['x=', new Secret(value, name)] })
  }
  const kept = await of(openVault(async () => store, true))
  assert.is(kept('hunter-one', 'db'), kept('hunter-one', 'db'))
  assert.is.not(kept('hunter-one', 'db'), kept('hunter-two', 'db'))
  assert.is.not(kept('hunter-one', 'db'), kept('hunter-one', 'cache'))
  const made = await of(without())
  assert.is(made('hunter-one', 'db'), made('hunter-two', 'db'))
  assert.is.not(made('hunter-one', 'db'), made('hunter-one', 'cache'))
})

test('only the same change matches; an unknown one and none do not', async () => {
  const { fingerprint } = await createFingerprint(without())
  const print = fingerprintChange(fingerprint, change)
  const slot = (plan: unknown) => ({ plan }) as Slot
  assert.is(matchesPlan(fingerprint, slot(change), print), true)
  assert.is(matchesPlan(fingerprint, slot({ ...change, diff: [] }), print), false)
  assert.is(matchesPlan(fingerprint, slot(new Unknown('not yet')), print), false)
  assert.is(matchesPlan(fingerprint, slot(null), print), false)
})

test('a seal is of every word of the file', async () => {
  const { fingerprint } = await createFingerprint(without())
  const plan = { key: 'store', hosts: { a: 'x' } } as unknown as UnsealedPlan
  const other = { key: 'store', hosts: { a: 'y' } } as unknown as UnsealedPlan
  assert.is(sealPlan(fingerprint, plan), sealPlan(fingerprint, { ...plan }))
  assert.is.not(sealPlan(fingerprint, plan), sealPlan(fingerprint, other))
  assert.is.not(sealPlan(fingerprint, plan), fingerprint('state', JSON.stringify(plan)))
})

test.run()
