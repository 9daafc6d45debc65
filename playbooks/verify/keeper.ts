/** What keeps the results of a verification: the ledger of the state folder and its key. */
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  emptyHead,
  findLastProof,
  type LedgerHead,
  type NewEntry,
} from '../../lib/backups/ledger.ts'
import { InputError } from '../../lib/errors/input-error.ts'
import { formatCount } from '../../lib/report/style.ts'
import { appendToLedger, BrokenLedger, readLedgerFile } from '../../lib/verification/ledger-file.ts'
import type { EnvironmentNight } from '../../lib/verification/night.ts'
import type { KeepingFaults, LastProof } from '../../lib/verification/report/alarms.ts'
import { openSigningKey, type SigningKey } from '../../lib/verification/signing-key.ts'

/** Keeps results, and remembers what it could not keep. */
export type Keeper = {
  /** Adds the result of an environment to the ledger. Does not throw. */
  readonly add: (night: EnvironmentNight) => Promise<void>
  /** Does other work of this kind. Does not throw. */
  readonly keep: (work: () => Promise<unknown>) => Promise<void>
  /** When each of these environments last passed; empty if the ledger cannot be trusted. */
  readonly listProofs: (environments: readonly string[]) => Promise<readonly LastProof[]>
  /** What went wrong so far. */
  readonly faults: () => KeepingFaults
  /** A line that says where the ledger ends, so that this can be kept elsewhere. */
  readonly describe: () => string
}

/**
 * Opens the ledger of a state folder with its signing key, which is made on first use. A ledger
 * that was changed, or whose key is missing or open to others, is a fault, and nothing is added to
 * it; the verification is not held up.
 */
export const openKeeper = async (state: string): Promise<Keeper> => {
  const results: string[] = []
  const held: { head: LedgerHead; fault: string | null } = { head: emptyHead, fault: null }
  const keep = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (error instanceof BrokenLedger) held.fault ??= message
      else results.push(message)
    }
  }
  const key = await openOwnKey(state).catch((error: Error) => {
    if (error instanceof InputError) held.fault = error.message
    else results.push(error.message)
    return null
  })
  const publicKeys = key === null ? [] : [key.publicKey]
  if (key !== null)
    await keep(async () => {
      held.head = (await readLedgerFile(state, publicKeys)).head
    })
  return {
    faults: () => ({ ledger: held.fault, results }),
    keep,
    add: async night => {
      if (held.fault !== null || key === null) return
      await keep(async () => {
        held.head = await appendToLedger(state, makeEntry(night), { ...key, publicKeys })
      })
    },
    listProofs: async environments => {
      const found: { proofs: readonly LastProof[] } = { proofs: [] }
      if (held.fault !== null || key === null) return []
      await keep(async () => {
        const { entries } = await readLedgerFile(state, publicKeys)
        found.proofs = environments.map(environment => {
          const last = findLastProof(entries, environment)
          return {
            environment,
            provenAt: last?.at ?? null,
            restorableTo: last?.restorableTo ?? null,
          }
        })
      })
      return found.proofs
    },
    describe: () =>
      held.fault !== null || key === null
        ? `ledger: ${key === null ? 'no key' : 'cannot be trusted'}, and nothing was added`
        : `ledger: ${formatCount(held.head.number, 'line')}, the last is ${held.head.hash}\n` +
          `${key.isNew ? 'made a signing key; ' : ''}public key: ${shorten(key)}`,
  }
}

const openOwnKey = async (state: string): Promise<SigningKey> => {
  const mayMake = !existsSync(join(state, 'ledger'))
  return await openSigningKey(join(state, 'signing-key.pem'), { mayMake })
}

/** The public key in one line: its PEM without the frame. */
const shorten = ({ publicText }: SigningKey): string =>
  publicText.replace(/-----[^-]+-----|\n/g, '')

const makeEntry = (night: EnvironmentNight): NewEntry => ({
  at: new Date().toISOString(),
  environment: night.environment,
  verdict: night.verdict,
  restorableTo: night.verdict === 'PASS' ? night.restorableTo : null,
  backup: night.backup,
  reasons: [...night.reasons],
  verifier: hostname(),
})
