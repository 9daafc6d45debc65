import { createHmac, randomBytes } from 'node:crypto'
import { isChange, type Slot } from '../../converge/plan.ts'
import type { Change, Output, Payload } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import type { Vault } from '../../secrets/vault.ts'
import type { SavedPlan } from './format.ts'

/** A hash under a key: it tells whether something is the same, and nothing of what it is. */
export type Seal = (what: string, text: string) => string

/**
 * A seal for a new plan: under the key of the store of secrets; where there is no store, under a
 * key that goes with the plan.
 */
export const newSeal = async (
  vault: Vault,
): Promise<{ readonly seal: Seal; readonly key: SavedPlan['key'] }> => {
  if (await vault.keyed()) return { seal: underStore(vault), key: 'store' }
  const own = randomBytes(32).toString('base64')
  return { seal: underOwn(own), key: { own } }
}

/** The seal that a plan was made with. */
export const sealOf = async ({ key }: SavedPlan, vault: Vault): Promise<Seal> => {
  if (key !== 'store') return underOwn(key.own)
  await vault.keyed()
  return underStore(vault)
}

const underStore =
  (vault: Vault): Seal =>
  (what, text) =>
    vault.hmac(`plan ${what}`, new Secret(text, what))

const underOwn =
  (key: string): Seal =>
  (what, text) =>
    createHmac('sha256', Buffer.from(key, 'base64')).update(`plan ${what}\0${text}`).digest('hex')

/** The seal of what a probe printed. */
export const sealedState = (seal: Seal, { rc, stdout }: Output): string =>
  seal('state', `${rc}\n${stdout.toString('latin1')}`)

/**
 * The seal of what a change would do. Of a secret only its name goes in: where there is no store
 * yet, check mode makes another one up.
 */
export const sealedChange = (seal: Seal, { apply, diff, stdin }: Change): string =>
  seal('change', JSON.stringify([apply.text, diff, stdin === undefined ? [] : parts(stdin)]))

const parts = (stdin: Payload): string[] =>
  [stdin]
    .flat()
    .map(part =>
      part instanceof Secret
        ? String(part)
        : Buffer.from(part as string | Buffer).toString('latin1'),
    )

/** Whether the slot would do what was planned under that seal. */
export const doesStill = (seal: Seal, { plan }: Slot, change: string): boolean =>
  isChange(plan) && sealedChange(seal, plan) === change
