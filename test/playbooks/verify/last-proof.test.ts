/** What `status` says of an environment's backups, by the ledger of a state folder. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { NewEntry } from '../../../lib/backups/ledger.ts'
import { appendToLedger } from '../../../lib/verification/ledger-file.ts'
import { openSigningKey } from '../../../lib/verification/signing-key.ts'
import { describeLastProof } from '../../../playbooks/verify/last-proof.ts'

const test = suite('the last proof of an environment')

let state = ''
test.before.each(() => {
  state = mkdtempSync(join(tmpdir(), 'brdtest-proof-'))
})
test.after.each(() => rmSync(state, { recursive: true }))

const add = async (day: number, more: Partial<NewEntry> = {}): Promise<void> => {
  const key = await openSigningKey(join(state, 'signing-key.pem'), { mayMake: day === 1 })
  const added: NewEntry = {
    at: `2026-11-0${day}T03:16:00Z`,
    environment: 'stage',
    verdict: 'PASS',
    restorableTo: `2026-11-0${day}T03:12:07Z`,
    backup: 'stream_1',
    reasons: [],
    verifier: 'verifier',
    ...more,
  }
  const { privateKey, publicKey } = key
  await appendToLedger(state, added, { privateKey, publicKeys: [publicKey] })
}
const failure = { verdict: 'FAIL', restorableTo: null } as const
const describe = (environment = 'stage'): Promise<string> =>
  describeLastProof(environment, state, new Date('2026-11-03T05:16:00Z'))

test('without a ledger: not proven here', async () =>
  assert.is(await describe(), `backups: not proven here, there is no ledger in ${state}`))

test('the last PASS counts, and what came after it is said', async () => {
  await add(1)
  await add(2)
  const proof =
    'backups: last proven restorable at 2 Nov 03:16 UTC (26 h ago), ' +
    'to 2 Nov 03:12 UTC, by verifier'
  assert.is(await describe(), proof)
  await add(3, failure)
  assert.is(await describe(), `${proof}; then FAIL at 3 Nov 03:16 UTC`)
})

test('no PASS, and no line at all', async () => {
  await add(1, failure)
  assert.is(
    await describe(),
    'backups: never proven restorable in 1 verification; then FAIL at 1 Nov 03:16 UTC',
  )
  assert.is(await describe('other'), 'backups: not proven here, the ledger has no line of it')
})

test('a ledger that was changed, or is gone, proves nothing', async () => {
  await add(1)
  appendFileSync(join(state, 'ledger'), 'a line\n')
  assert.is(
    await describe(),
    `backups: the ledger was CHANGED: ${state}/ledger, line 2: is not an entry of a ledger`,
  )
  rmSync(join(state, 'ledger'))
  assert.match(await describe(), /the ledger was CHANGED: .*: it has 0 lines, and 1 were seen/)
})

test('without its key it cannot be checked, and none is made', async () => {
  await add(1)
  rmSync(join(state, 'signing-key.pem'))
  assert.match(await describe(), /^backups: the ledger cannot be checked: .* is missing, [^\n]*$/)
  assert.match(await describe(), 'is missing')
})

test.run()
