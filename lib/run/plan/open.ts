import { readFileSync } from 'node:fs'
import type { CommonFlags } from '../../cli/flags.ts'
import { InputError } from '../../errors/input-error.ts'
import type { Vault } from '../../secrets/vault.ts'
import type { Mode } from '../mode.ts'
import { PlanEnforcer } from './enforcer.ts'
import { createFingerprint, openFingerprint } from './fingerprint.ts'
import { type SavedPlan, savedPlan } from './format.ts'
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
    const saved = readPlan(plan)
    if (saved.playbook !== playbook)
      throw new InputError({
        place: `--plan ${plan}`,
        message: `it is a plan of ${saved.playbook}, and this is ${playbook}`,
      })
    const fingerprint = await openFingerprint(saved, vault)
    refuseChangedInputs(plan, saved.inputs, collectInputs(given, fingerprint))
    return new PlanEnforcer(plan, saved, fingerprint, mode === 'check')
  }
  if (out === undefined) return null
  const { fingerprint, key } = await createFingerprint(vault)
  return new PlanWriter(
    out,
    {
      version: 1,
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

const readPlan = (file: string): SavedPlan => {
  const refuse = (message: string, cause?: unknown): never => {
    throw new InputError(
      { place: `--plan ${file}`, message, next: 'Make a plan with --check --plan-out FILE.' },
      { cause },
    )
  }
  try {
    const found = savedPlan.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    return found.success ? found.data : refuse('is not a saved plan of this version', found.error)
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    return refuse(
      (cause as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'there is no such file'
        : 'is not a saved plan',
      cause,
    )
  }
}
