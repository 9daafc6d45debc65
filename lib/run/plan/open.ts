import type { CommonFlags } from '../../cli/flags.ts'
import { InputError } from '../../errors/input-error.ts'
import { readTextFile } from '../../errors/read-text.ts'
import type { Vault } from '../../secrets/vault.ts'
import type { Mode } from '../mode.ts'
import { PlanEnforcer } from './enforcer.ts'
import { createFingerprint, openFingerprint, sealPlan } from './fingerprint.ts'
import { type SavedPlan, savedPlan, type UnsealedPlan } from './format.ts'
import { collectInputs, type Given, refuseChangedInputs } from './inputs.ts'
import type { PlanRecorder } from './recorder.ts'
import { checkWritable, PlanWriter } from './writer.ts'

/**
 * Opens the plan that the flags ask for: one to write (--plan-out) or one to keep to (--plan); null
 * if they ask for none. A plan that cannot be kept to is an InputError.
 */
export const openPlan = async (
  playbook: string,
  given: Given,
  vault: Vault,
  now: Date,
  mode: Mode,
): Promise<PlanRecorder | null> => {
  const { plan, 'plan-out': out } = given.flags
  if (plan !== undefined) {
    const { saved, unsealed } = readPlan(plan)
    if (saved.playbook !== playbook)
      throw new InputError({
        place: `--plan ${plan}`,
        message: `it is a plan of ${saved.playbook}, and this is ${playbook}`,
      })
    const fingerprint = await openFingerprint(saved, vault)
    if (sealPlan(fingerprint, unsealed) !== saved.seal) throw makeSealError(plan, saved)
    refuseChangedInputs(plan, saved.inputs, collectInputs(given, fingerprint))
    return new PlanEnforcer(plan, saved, fingerprint, mode === 'check')
  }
  if (out === undefined) return null
  const { fingerprint, key } = await createFingerprint(vault)
  return new PlanWriter(
    out,
    {
      version: 2,
      playbook,
      made: now.toISOString(),
      key,
      inputs: collectInputs(given, fingerprint),
    },
    fingerprint,
    vault.redact,
  )
}

/** Refuses flags that cannot go together with an InputError. */
export const checkPlanFlags = ({ plan, 'plan-out': out }: CommonFlags, mode: Mode): void => {
  if (out !== undefined && plan !== undefined)
    throw new InputError({
      place: '--plan-out',
      message: 'a run makes a plan or keeps to one, not both',
    })
  if (out !== undefined && mode === 'apply')
    throw new InputError({
      place: '--plan-out',
      message: 'a plan is made in check mode',
      next: 'Give --check too.',
    })
  if (out !== undefined && mode === 'list')
    throw new InputError({
      place: '--plan-out',
      message: 'with --list-tasks nothing is read, so there is no plan',
    })
  if (out !== undefined) checkWritable(out)
}

const makeSealError = (file: string, { key }: SavedPlan): InputError =>
  new InputError({
    place: `--plan ${file}`,
    message:
      'is not as it was written' +
      (key === 'store' ? ', or was made with another store of secrets' : ''),
    next: 'What a person approved may not be what would be done: make a new plan.',
  })

type ReadPlan = {
  readonly saved: SavedPlan
  /** All but the seal, in the order of the file. */
  readonly unsealed: UnsealedPlan
}

const readPlan = (file: string): ReadPlan => {
  const [place, next] = [`--plan ${file}`, 'Make a plan with --check --plan-out FILE.']
  const refuse = (message: string, cause?: unknown) =>
    new InputError({ place, message, next }, { cause })
  const found = parsePlan(readTextFile(file, { place, next }))
  if (found === null) throw refuse('is not a saved plan')
  if ('version' in found && found.version !== 2)
    throw refuse('was made by another version of this program, whose plans are not sealed')
  const checked = savedPlan.safeParse(found)
  if (!checked.success) throw refuse('is not a saved plan of this version', checked.error)
  const { seal: _, ...unsealed } = found as SavedPlan
  return { saved: checked.data, unsealed }
}

const parsePlan = (text: string): object | null => {
  try {
    const found: unknown = JSON.parse(text)
    return typeof found === 'object' ? found : null
  } catch {
    return null
  }
}
