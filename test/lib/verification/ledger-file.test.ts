import { generateKeyPairSync } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { NewEntry } from '../../../lib/backups/ledger.ts'
import {
  appendToLedger,
  BrokenLedger,
  readLedgerFile,
} from '../../../lib/verification/ledger-file.ts'

const test = suite('the ledger on disk')
const own = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('ed25519')
const keys = { privateKey: own.privateKey, publicKeys: [own.publicKey] }

const makeEntry = (day: number): NewEntry => ({
  at: `2026-11-${day}T03:00:00Z`,
  environment: 'stage',
  verdict: 'PASS',
  restorableTo: `2026-11-${day}T02:55:00Z`,
  backup: `stream_202611${day}T020000Z`,
  reasons: [],
  verifier: 'infra-stage',
})

let folder = ''
const path = (): string => join(folder, 'ledger')
const lines = (): string[] => readFileSync(path(), 'utf8').trimEnd().split('\n')
const writeLines = (all: readonly string[]): void =>
  writeFileSync(path(), all.map(line => `${line}\n`).join(''))
/** What reading says, and what adding says: they refuse alike. */
const refusal = async (): Promise<string> => {
  const say = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'well',
      error => {
        assert.instance(error, BrokenLedger)
        return error.message.replaceAll(folder, 'F')
      },
    )
  const before = existsSync(path()) ? readFileSync(path(), 'utf8') : null
  const read = await say(readLedgerFile(folder, keys.publicKeys))
  assert.is(await say(appendToLedger(folder, makeEntry(28), keys)), read)
  assert.is(existsSync(path()) ? readFileSync(path(), 'utf8') : null, before)
  return read
}

test.before.each(async () => {
  folder = mkdtempSync(join(tmpdir(), 'brdtest-ledger-'))
  for (const day of [24, 25, 26]) await appendToLedger(folder, makeEntry(day), keys)
})
test.after.each(() => rmSync(folder, { recursive: true }))

test('an empty folder has an empty ledger; lines are added and read back', async () => {
  const { entries, head } = await readLedgerFile(folder, keys.publicKeys)
  assert.equal(
    entries.map(({ number, at }) => [number, at]),
    [24, 25, 26].map((day, i) => [i + 1, `2026-11-${day}T03:00:00Z`]),
  )
  assert.is(head.number, 3)
  assert.equal(await readLedgerFile(join(folder, 'none'), keys.publicKeys), {
    entries: [],
    head: { number: 0, hash: '0'.repeat(64) },
  })
  assert.equal(readdirSync(folder).sort(), ['ledger', 'ledger-head.json'])
})

test('several that add at the same time do so one after the other', async () => {
  const heads = await Promise.all(
    [27, 28, 29].map(day => appendToLedger(folder, makeEntry(day), keys)),
  )
  assert.equal(heads.map(({ number }) => number).sort(), [4, 5, 6])
  assert.is((await readLedgerFile(folder, keys.publicKeys)).entries.length, 6)
})

test('an edited line is named', async () => {
  const [first = '', second = '', third = ''] = lines()
  writeLines([first, second.replace('stage', 'other'), third])
  assert.match(await refusal(), /^F\/ledger, line 2: is not signed by a known verifier/)
})

test('a line in the middle that is gone is named', async () => {
  const [first = '', , third = ''] = lines()
  writeLines([first, third])
  assert.match(await refusal(), /^F\/ledger, line 2: does not follow the line before/)
})

test('lines that are gone at the end are missed, and so is the whole ledger', async () => {
  const all = lines()
  writeLines(all.slice(0, 2))
  assert.match(await refusal(), /^F\/ledger: it has 2 lines, and 3 were seen before/)
  rmSync(path())
  assert.match(await refusal(), /^F\/ledger: it has 0 lines, and 3 were seen before/)
})

test("a foreign host's line is named", async () => {
  const other = mkdtempSync(join(tmpdir(), 'brdtest-ledger-'))
  try {
    await appendToLedger(other, makeEntry(27), {
      privateKey: stranger.privateKey,
      publicKeys: [stranger.publicKey],
    })
    appendFileSync(path(), readFileSync(join(other, 'ledger')))
  } finally {
    rmSync(other, { recursive: true })
  }
  assert.match(await refusal(), /^F\/ledger, line 4: is not signed by a known verifier/)
})

test('a ledger whose head is missing, or is something else, is refused', async () => {
  const head = join(folder, 'ledger-head.json')
  writeFileSync(head, '{}')
  assert.is(await refusal(), 'F/ledger-head.json: is not the head of a ledger')
  rmSync(head)
  assert.match(await refusal(), /^F\/ledger: F\/ledger-head\.json is missing/)
})

test('a crash between a line and its head is mended by the next line', async () => {
  const head = join(folder, 'ledger-head.json')
  const before = readFileSync(head, 'utf8')
  await appendToLedger(folder, makeEntry(27), keys)
  writeFileSync(head, before)
  assert.is((await appendToLedger(folder, makeEntry(28), keys)).number, 5)
})

test.run()
