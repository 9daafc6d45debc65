/** What the ledger of this machine says of an environment, for those who ask for its status. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findLastProof, type LedgerEntry } from '../../lib/backups/ledger.ts'
import { InputError } from '../../lib/errors/input-error.ts'
import { formatCount } from '../../lib/report/style.ts'
import { BrokenLedger, readLedgerFile } from '../../lib/verification/ledger-file.ts'
import { formatMoment } from '../../lib/verification/report/format-moment.ts'
import { formatSpan } from '../../lib/verification/report/format-span.ts'
import { openSigningKey } from '../../lib/verification/signing-key.ts'

/**
 * Says in one line when the backups of an environment were last proven restorable, by the ledger of
 * a state folder, which is checked whole.
 */
export const describeLastProof = async (
  environment: string,
  state: string,
  now: Date,
): Promise<string> => {
  const has = (file: string): boolean => existsSync(join(state, file))
  if (!has('ledger') && !has('ledger-head.json'))
    return `backups: not proven here, there is no ledger in ${state}`
  try {
    const { publicKey } = await openSigningKey(join(state, 'signing-key.pem'), { mayMake: false })
    const { entries } = await readLedgerFile(state, [publicKey])
    return `backups: ${formatProof(environment, entries, now)}`
  } catch (error) {
    if (error instanceof BrokenLedger) return `backups: the ledger was CHANGED: ${error.message}`
    if (error instanceof InputError)
      return `backups: the ledger cannot be checked: ${error.message.replace(/\s*\n\s*/g, ' ')}`
    throw error
  }
}

const formatProof = (environment: string, entries: readonly LedgerEntry[], now: Date): string => {
  const own = entries.filter(entry => entry.environment === environment)
  const [proof, last] = [findLastProof(own, environment), own.at(-1)]
  if (!last) return 'not proven here, the ledger has no line of it'
  const moment = (iso: string): string => `${formatMoment(iso, now.toISOString())} UTC`
  const known = formatLast(last, moment)
  if (!proof) return `never proven restorable in ${formatCount(own.length, 'verification')}${known}`
  const age = (now.getTime() - Date.parse(proof.at)) / 1000
  return (
    `last proven restorable at ${moment(proof.at)} (${formatSpan(age)} ago)` +
    `${proof.restorableTo === null ? '' : `, to ${moment(proof.restorableTo)}`}` +
    `, by ${proof.verifier}${known}`
  )
}

/** What is newer than the proof. */
const formatLast = ({ verdict, at }: LedgerEntry, moment: (iso: string) => string): string =>
  verdict === 'PASS' ? '' : `; then ${verdict} at ${moment(at)}`
