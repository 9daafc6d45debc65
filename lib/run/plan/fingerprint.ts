import { createHmac, randomBytes } from 'node:crypto'
import { isChange, type Slot } from '../../converge/plan.ts'
import type { Change, Output, Payload } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import type { Vault } from '../../secrets/vault.ts'
import type { SavedPlan } from './format.ts'

/** A hash under a key: it shows whether something is the same, and nothing of what it is. */
export type Fingerprint = (what: string, text: string) => string

/**
 * Creates a fingerprint for a new plan: under the key of the store of secrets, or, without a store,
 * under a key that is saved with the plan.
 */
export const createFingerprint = async (
  vault: Vault,
): Promise<{ readonly fingerprint: Fingerprint; readonly key: SavedPlan['key'] }> => {
  if (await vault.keyed()) return { fingerprint: fingerprintWithStore(vault), key: 'store' }
  const own = randomBytes(32).toString('base64')
  return { fingerprint: fingerprintWithKey(own), key: { own } }
}

/** Opens the fingerprint that a plan was made with. */
export const openFingerprint = async ({ key }: SavedPlan, vault: Vault): Promise<Fingerprint> => {
  if (key !== 'store') return fingerprintWithKey(key.own)
  await vault.keyed()
  return fingerprintWithStore(vault)
}

const fingerprintWithStore =
  (vault: Vault): Fingerprint =>
  (what, text) =>
    vault.hmac(`plan ${what}`, new Secret(text, what))

const fingerprintWithKey =
  (key: string): Fingerprint =>
  (what, text) =>
    createHmac('sha256', Buffer.from(key, 'base64')).update(`plan ${what}\0${text}`).digest('hex')

/** Fingerprints what a probe printed. */
export const fingerprintState = (fingerprint: Fingerprint, { exitCode, stdout }: Output): string =>
  fingerprint('state', `${exitCode}\n${stdout.toString('latin1')}`)

/**
 * Fingerprints what a change would do. Only the name of a secret goes in: without a store, check
 * mode generates a different value each time.
 */
export const fingerprintChange = (
  fingerprint: Fingerprint,
  { apply, diff, stdin }: Change,
): string =>
  fingerprint(
    'change',
    JSON.stringify([apply.text, diff, stdin === undefined ? [] : listParts(stdin)]),
  )

const listParts = (stdin: Payload): string[] =>
  [stdin]
    .flat()
    .map(part =>
      part instanceof Secret
        ? String(part)
        : Buffer.from(part as string | Buffer).toString('latin1'),
    )

/** Whether the slot would do what was planned under that fingerprint. */
export const matchesPlan = (fingerprint: Fingerprint, { plan }: Slot, change: string): boolean =>
  isChange(plan) && fingerprintChange(fingerprint, plan) === change
