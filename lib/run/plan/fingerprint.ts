import { createHmac, randomBytes } from 'node:crypto'
import { isChange, type Slot } from '../../converge/plan.ts'
import type { Change, Output, Payload } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { Redactor } from '../../secrets/redactor.ts'
import type { Vault } from '../../secrets/vault.ts'
import type { SavedPlan, UnsealedPlan } from './format.ts'

/** A hash under a key: it shows whether something is the same, and nothing of what it is. */
export type Fingerprint = {
  (what: string, text: string): string
  /** Describes a secret: its name and, under one store, whether its value is the same. */
  readonly ofSecret: (secret: Secret) => string
}

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

const fingerprintWithStore = (vault: Vault): Fingerprint => {
  const hash = (what: string, text: string): string =>
    vault.hmac(`plan ${what}`, new Secret(text, what))
  const ofSecret = (secret: Secret): string =>
    `${secret} ${hash('secret', hideNew(vault, secret.reveal()))}`
  return Object.assign(hash, { ofSecret })
}

/** Without a store check mode makes up each value, so that only the names are the same. */
const fingerprintWithKey = (key: string): Fingerprint =>
  Object.assign(
    (what: string, text: string) =>
      createHmac('sha256', Buffer.from(key, 'base64'))
        .update(`plan ${what}\0${text}`)
        .digest('hex'),
    { ofSecret: String },
  )

/**
 * Puts names in the place of values that the store does not have yet: check mode makes up one for
 * the moment, and the run that keeps to the plan makes the real one.
 */
const hideNew = (vault: Vault, text: string): string => {
  const redactor = new Redactor()
  for (const secret of vault.made()) redactor.hide(secret.reveal(), String(secret))
  return redactor.redact(text)
}

/** Fingerprints what a probe printed. */
export const fingerprintState = (fingerprint: Fingerprint, { exitCode, stdout }: Output): string =>
  fingerprint('state', `${exitCode}\n${stdout.toString('latin1')}`)

/** Fingerprints what a change would do. */
export const fingerprintChange = (
  fingerprint: Fingerprint,
  { apply, diff, stdin }: Change,
): string =>
  fingerprint(
    'change',
    JSON.stringify([apply.text, diff, stdin === undefined ? [] : listParts(stdin, fingerprint)]),
  )

const listParts = (stdin: Payload, { ofSecret }: Fingerprint): string[] =>
  [stdin]
    .flat()
    .map(part =>
      part instanceof Secret
        ? ofSecret(part)
        : Buffer.from(part as string | Buffer).toString('latin1'),
    )

/** Whether the slot would do what was planned under that fingerprint. */
export const matchesPlan = (fingerprint: Fingerprint, { plan }: Slot, change: string): boolean =>
  isChange(plan) && fingerprintChange(fingerprint, plan) === change

/**
 * Seals a whole plan: what a person read in it is what is done. The order of its keys is that of
 * the file.
 */
export const sealPlan = (fingerprint: Fingerprint, plan: UnsealedPlan): string =>
  fingerprint('file', JSON.stringify(plan))
