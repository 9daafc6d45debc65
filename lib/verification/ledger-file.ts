import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import {
  emptyHead,
  hashLine,
  type LedgerEntry,
  type LedgerHead,
  type NewEntry,
  readLedger,
  renderLedgerLine,
} from '../backups/ledger.ts'
import { parseJson } from '../backups/parse-json.ts'
import { withLock } from '../disk/lock.ts'
import { writeWhole } from '../disk/write-whole.ts'

/** A ledger on disk is not the one that was written here: its message names the line. */
export class BrokenLedger extends Error {
  override readonly name = 'BrokenLedger'
  /** The line, from 1; null if lines are missing at the end, or the head is. */
  readonly line: number | null

  constructor(path: string, line: number | null, message: string) {
    super(`${path}${line === null ? '' : `, line ${line}`}: ${message}`)
    this.line = line
  }
}

/** A ledger, whole: every line is signed and follows the one before. */
export type ReadLedgerFile = {
  readonly entries: readonly LedgerEntry[]
  readonly head: LedgerHead
}

const ledgerOf = (folder: string): string => join(folder, 'ledger')
const headOf = (folder: string): string => join(folder, 'ledger-head.json')

/**
 * Reads the ledger of a folder and checks all of it against these keys, and against the last head
 * that was seen here. A folder without one has an empty ledger. Throws BrokenLedger.
 */
export const readLedgerFile = async (
  folder: string,
  keys: readonly KeyObject[],
): Promise<ReadLedgerFile> => {
  const { entries, head } = await readWhole(folder, keys)
  return { entries, head }
}

/**
 * Adds a line to the ledger of a folder, which is checked first. The line is on disk when this
 * returns: a crash leaves the ledger with all of it or without it. Two that add at the same time do
 * so one after the other. Throws BrokenLedger, and then nothing was added.
 */
export const appendToLedger = (
  folder: string,
  added: NewEntry,
  { privateKey, publicKeys }: { privateKey: KeyObject; publicKeys: readonly KeyObject[] },
): Promise<LedgerHead> =>
  withLock(
    `${ledgerOf(folder)}.lock`,
    async () => {
      const { head, text, hasHead } = await readWhole(folder, publicKeys)
      // First: a ledger whose head is missing is then always a fault.
      if (!hasHead) await writeHead(folder, emptyHead)
      const line = renderLedgerLine(head, added, privateKey)
      // Written anew rather than at its end, so that no crash leaves a part of a line.
      await writeWhole(ledgerOf(folder), `${text}${line}\n`, 0o644)
      const next = { number: head.number + 1, hash: hashLine(line) }
      await writeHead(folder, next)
      return next
    },
    { action: 'an entry of the ledger' },
  )

const readWhole = async (
  folder: string,
  keys: readonly KeyObject[],
): Promise<ReadLedgerFile & { readonly text: string; readonly hasHead: boolean }> => {
  const path = ledgerOf(folder)
  const text = (await readIfThere(path)) ?? ''
  const seen = await readHead(folder)
  if (seen === null && text !== '')
    throw new BrokenLedger(path, null, `${headOf(folder)} is missing: lines may be as well`)
  const { fault, entries, head } = readLedger(text, { keys, seen: seen ?? emptyHead })
  if (fault) throw new BrokenLedger(path, fault.line, fault.message)
  return { entries, head, text, hasHead: seen !== null }
}

const schema = z.strictObject({
  number: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})

const readHead = async (folder: string): Promise<LedgerHead | null> => {
  const text = await readIfThere(headOf(folder))
  if (text === null) return null
  const parsed = schema.safeParse(parseJson(text))
  if (!parsed.success) throw new BrokenLedger(headOf(folder), null, 'is not the head of a ledger')
  return parsed.data
}

const writeHead = (folder: string, head: LedgerHead): Promise<void> =>
  writeWhole(headOf(folder), `${JSON.stringify(head)}\n`, 0o644)

const readIfThere = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
