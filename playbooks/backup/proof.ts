/** What the ledger of this machine says of an environment's backups. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findLastProof } from '../../lib/backups/ledger.ts'
import { InputError } from '../../lib/errors/input-error.ts'
import { BrokenLedger, readLedgerFile } from '../../lib/verification/ledger-file.ts'
import { openSigningKey } from '../../lib/verification/signing-key.ts'

/** The last proof of an environment, or why the ledger cannot be trusted. */
export type FoundProof =
  | {
      readonly is: 'proven'
      /** When the verification ended. */
      readonly at: string
      /** The last moment that was restored. */
      readonly restorableTo: string | null
      /** The host that verified. */
      readonly verifier: string
    }
  | { readonly is: 'none' }
  | { readonly is: 'broken'; readonly fault: string }

/** Looks the last proof up. The whole ledger is checked; nothing is made and nothing is written. */
export const findProof = async (state: string, environment: string): Promise<FoundProof> => {
  if (!existsSync(join(state, 'ledger'))) return { is: 'none' }
  try {
    const { publicKey } = await openSigningKey(join(state, 'signing-key.pem'), { mayMake: false })
    const { entries } = await readLedgerFile(state, [publicKey])
    const last = findLastProof(entries, environment)
    if (!last) return { is: 'none' }
    const { at, restorableTo, verifier } = last
    return { is: 'proven', at, restorableTo, verifier }
  } catch (error) {
    if (!(error instanceof BrokenLedger) && !(error instanceof InputError)) throw error
    return { is: 'broken', fault: error.message }
  }
}
