import { createHash, type KeyObject, sign, verify } from 'node:crypto'
import * as z from 'zod'
import { parseJson } from './parse-json.ts'

const entry = z.strictObject({
  /** Its place in the ledger, from 1. */
  number: z.int().min(1),
  /** When the verification ended, ISO 8601, UTC. */
  at: z.iso.datetime(),
  environment: z.string().min(1),
  verdict: z.enum(['PASS', 'FAIL', 'COULD NOT VERIFY']),
  /** The last moment that can be restored, as was shown; null unless the verdict is PASS. */
  restorableTo: z.iso.datetime().nullable(),
  /** The full backup that was restored; null if there was none. */
  backup: z.string().nullable(),
  /** Why, if the verdict is not PASS. */
  reasons: z.array(z.string()),
  /** Who verified: the host's name. */
  verifier: z.string().min(1),
  /** SHA-256 of the line before, hex; 64 zeros in the first. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
})
/** What one verification of an environment's backups has shown. */
export type LedgerEntry = Readonly<z.infer<typeof entry>>

/** What a caller says of a verification. Its place in the ledger is added. */
export type NewEntry = Omit<LedgerEntry, 'number' | 'previous'>

/** The end of a ledger: what the next line is chained to. */
export type LedgerHead = {
  /** How many lines it has. */
  readonly number: number
  /** SHA-256 of its last line, hex; 64 zeros if it is empty. */
  readonly hash: string
}

/** The head of a ledger without a line. */
export const emptyHead: LedgerHead = { number: 0, hash: '0'.repeat(64) }

/**
 * Renders the next line of a ledger: the entry as JSON, then a tab and its Ed25519 signature in
 * base64. A line is chained to the one before by its hash.
 */
export const renderLedgerLine = (head: LedgerHead, added: NewEntry, key: KeyObject): string => {
  const text = JSON.stringify(
    entry.parse({ number: head.number + 1, ...added, previous: head.hash }),
  )
  return `${text}\t${sign(null, Buffer.from(text), key).toString('base64')}`
}

/** A ledger that was read, or the first line that is not what it should be. */
export type LedgerReading =
  | { readonly entries: readonly LedgerEntry[]; readonly head: LedgerHead; readonly fault?: never }
  | { readonly fault: LedgerFault; readonly entries?: never; readonly head?: never }

/** Where a ledger is not what was once written, and what is wrong there. */
export type LedgerFault = {
  /** The line, from 1; null if lines are missing at the end. */
  readonly line: number | null
  readonly message: string
}

/**
 * Reads a ledger. Every line must be whole, chained to the one before, and signed by one of the
 * keys; and the ledger must still contain the last head that somebody else has seen, so that lines
 * dropped at its end are found too.
 */
export const readLedger = (
  text: string,
  { keys, seen = emptyHead }: { keys: readonly KeyObject[]; seen?: LedgerHead },
): LedgerReading => {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  if (text !== '' && !text.endsWith('\n')) return refuse(lines.length, 'is cut off')
  const entries: LedgerEntry[] = []
  let head = emptyHead
  for (const [i, line] of lines.entries()) {
    const fault = checkLine(line, head, keys)
    if (typeof fault === 'string') return refuse(i + 1, fault)
    entries.push(fault)
    head = { number: i + 1, hash: hashLine(line) }
    if (head.number === seen.number && head.hash !== seen.hash)
      return refuse(i + 1, 'is not the line that was seen here before: the ledger was rewritten')
  }
  if (head.number < seen.number)
    return refuse(
      null,
      `it has ${head.number} lines, and ${seen.number} were seen before: the last ones are missing`,
    )
  return { entries, head }
}

const checkLine = (
  line: string,
  head: LedgerHead,
  keys: readonly KeyObject[],
): LedgerEntry | string => {
  const [text = '', signature = '', ...more] = line.split('\t')
  const parsed = entry.safeParse(parseJson(text))
  if (!parsed.success || more.length > 0) return 'is not an entry of a ledger'
  const bytes = Buffer.from(signature, 'base64')
  if (!keys.some(key => verify(null, Buffer.from(text), key, bytes)))
    return 'is not signed by a known verifier: it was edited, or a foreign host wrote it'
  if (parsed.data.number !== head.number + 1 || parsed.data.previous !== head.hash)
    return 'does not follow the line before: a line was edited, removed or inserted'
  return parsed.data
}

const refuse = (line: number | null, message: string): LedgerReading => ({
  fault: { line, message },
})

/** SHA-256 of a ledger's line, hex. */
export const hashLine = (line: string): string => createHash('sha256').update(line).digest('hex')

/**
 * The newest PASS of an environment: when its backups were last proven restorable, and to which
 * moment. Null if they never were.
 */
export const findLastProof = (
  entries: readonly LedgerEntry[],
  environment: string,
): LedgerEntry | null =>
  entries.findLast(one => one.environment === environment && one.verdict === 'PASS') ?? null
