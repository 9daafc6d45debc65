import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decide, makeSlots } from '../../../../lib/converge/plan.ts'
import { operation, Unknown } from '../../../../lib/operation.ts'
import {
  createFingerprint,
  fingerprintChange,
  fingerprintState,
  openFingerprint,
} from '../../../../lib/run/plan/fingerprint.ts'
import { savedPlan } from '../../../../lib/run/plan/format.ts'
import { PlanWriter } from '../../../../lib/run/plan/writer.ts'
import { Secret } from '../../../../lib/secret.ts'
import { openVault } from '../../../../lib/secrets/vault.ts'
import { sh } from '../../../../lib/sh.ts'

const noStore = openVault(async () => null, true)
const secret = new Secret('hunter2-the-value', 'word')
const writes = operation('writes', {
  name: ({ name }: { readonly name: string; readonly why?: string }) => name,
  probe: () => sh`cat x`,
  read: out => out.stdout.toString(),
  plan: (now, { name, why }) =>
    why
      ? new Unknown(why)
      : {
          diff: [{ key: name, before: now, after: String(secret) }],
          apply: sh`cat >x`,
          stdin: [secret, 'the-payload'],
        },
})
const of = (printed: string, why?: string) => {
  const all = makeSlots([writes({ name: 'one' }), writes({ name: 'two', ...(why ? { why } : {}) })])
  for (const slot of all) slot.output = { exitCode: 0, stdout: Buffer.from(printed), stderr: '' }
  decide(all)
  return all
}

test('the file holds names, seals and redacted diffs: no payload, output or secret', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-plan-'))
  const { fingerprint, key } = await createFingerprint(noStore)
  const redact = (text: string): string => text.replaceAll('topsecret', '(secret x)')
  const making = new PlanWriter(
    join(folder, 'plan'),
    { version: 2, playbook: 'p', made: 'now', key, inputs: {} },
    fingerprint,
    redact,
  )
  making.begin({ name: 'first', hosts: new Map() })
  making.getOptions('a').onPlanned(of('it was topsecret', 'it waits for topsecret'))
  assert.match(await making.end(), /1 change, 1 unknown/)
  const text = readFileSync(join(folder, 'plan'), 'utf8')
  rmSync(folder, { recursive: true })
  assert.not.match(text, /hunter2|the-payload|topsecret/)
  const { plays } = savedPlan.parse(JSON.parse(text))
  assert.equal(
    plays[0]?.hosts['a']?.map(({ id, does }) => [id, does]),
    [
      ['writes one', 'change'],
      ['writes two', 'unknown'],
    ],
  )
  assert.match(text, /it was \(secret x\)/)
})

test('a fingerprint has the bytes and exit code of a state, no secret of a change', async () => {
  const { fingerprint, key } = await createFingerprint(noStore)
  const again = await openFingerprint({ key } as never, noStore)
  const state = (exitCode: number, text: string) =>
    fingerprintState(again, { exitCode, stdout: Buffer.from(text, 'latin1'), stderr: '' })
  assert.is(
    state(0, 'a\xff'),
    fingerprintState(fingerprint, {
      exitCode: 0,
      stdout: Buffer.from('a\xff', 'latin1'),
      stderr: 'whatever',
    }),
  )
  assert.equal(new Set([state(0, 'a'), state(1, 'a'), state(0, 'b')]).size, 3)
  const change = (stdin: Secret | string, apply = sh`x`) =>
    fingerprintChange(fingerprint, { diff: [], apply, stdin })
  assert.is(change(new Secret('one', 'name')), change(new Secret('other', 'name')))
  assert.equal(
    new Set([
      change('a'),
      change('b'),
      change('a', sh`y`),
      change(new Secret('a', 'n')),
      change(new Secret('a', 'm')),
    ]).size,
    5,
  )
  const other = await createFingerprint(noStore)
  assert.is.not(other.fingerprint('x', 'y'), fingerprint('x', 'y'))
})

test.run()
