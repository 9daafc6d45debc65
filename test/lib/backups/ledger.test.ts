import { generateKeyPairSync } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  emptyHead,
  findLastProof,
  hashLine,
  type LedgerHead,
  type NewEntry,
  readLedger,
  renderLedgerLine,
} from '../../../lib/backups/ledger.ts'

const test = suite('the ledger')
const verifier = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('ed25519')
const keys = [verifier.publicKey]

const night = (day: number, more: Partial<NewEntry> = {}): NewEntry => ({
  at: `2026-11-${day}T03:00:00Z`,
  environment: 'stage',
  verdict: 'PASS',
  restorableTo: `2026-11-${day}T02:55:00Z`,
  backup: `stream_202611${day}T020000Z`,
  reasons: [],
  verifier: 'infra-stage',
  ...more,
})
const write = (...entries: NewEntry[]): string[] => {
  let head: LedgerHead = emptyHead
  return entries.map(entry => {
    const line = renderLedgerLine(head, entry, verifier.privateKey)
    head = { number: head.number + 1, hash: hashLine(line) }
    return line
  })
}
const join = (lines: readonly string[]): string => lines.map(line => `${line}\n`).join('')
const lines = write(
  night(24),
  night(25),
  night(26, { verdict: 'FAIL', restorableTo: null, reasons: ['binary logs: 000412 is missing'] }),
)
const head = { number: 3, hash: hashLine(lines[2]!) }
const fault = (text: string, seen?: LedgerHead): string => {
  const reading = readLedger(text, { keys, ...(seen ? { seen } : {}) })
  assert.ok(reading.fault, 'a fault is found')
  return `${reading.fault.line}: ${reading.fault.message}`
}

test('a ledger as it was written is read, and its head', () => {
  const reading = readLedger(join(lines), { keys, seen: head })
  assert.equal(reading.head, head)
  assert.is(reading.entries?.length, 3)
  assert.is(findLastProof(reading.entries!, 'stage')?.restorableTo, '2026-11-25T02:55:00Z')
  assert.is(findLastProof(reading.entries!, 'prod'), null)
  assert.equal(readLedger('', { keys }), { entries: [], head: emptyHead })
})

test('an edited line', () => {
  const edited = lines.with(1, lines[1]!.replace('02:55', '02:56'))
  assert.match(fault(join(edited)), /^2: is not signed by a known verifier/)
})

test('a line of a foreign host', () => {
  const foreign = renderLedgerLine(head, night(27), stranger.privateKey)
  assert.match(fault(join([...lines, foreign])), /^4: is not signed by a known verifier/)
})

test('a line that was removed in the middle, or inserted again', () => {
  assert.match(fault(join([lines[0]!, lines[2]!])), /^2: does not follow the line before/)
  assert.match(fault(join([...lines, lines[2]!])), /^4: does not follow the line before/)
})

test('lines that were removed at the end', () => {
  assert.match(fault(join(lines.slice(0, 2)), head), /^null: it has 2 lines, and 3 were seen/)
  assert.match(fault('', head), /^null: it has 0 lines/)
})

test('a ledger that was written anew, as long or longer, by the same key', () => {
  const anew = write(night(24), night(25), night(26), night(27))
  assert.match(fault(join(anew), head), /^3: is not the line that was seen here before/)
})

test('a line that was cut off, or is something else', () => {
  assert.match(fault(join(lines).slice(0, -1)), /^3: is cut off/)
  assert.match(fault(join([...lines, 'x'])), /^4: is not an entry/)
  assert.match(fault(join([...lines, `${lines[2]}\tx`])), /^4: is not an entry/)
})

test('what is no entry is not written', () => {
  assert.throws(() => renderLedgerLine(head, night(27, { at: 'today' }), verifier.privateKey))
})

test.run()
