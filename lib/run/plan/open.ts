import { readFileSync } from 'node:fs'
import type { CommonFlags } from '../../cli/flags.ts'
import { InputError } from '../../errors/input-error.ts'
import type { Vault } from '../../secrets/vault.ts'
import { Keeping } from './enforcer.ts'
import { newSeal, sealOf } from './fingerprint.ts'
import { type SavedPlan, savedPlan } from './format.ts'
import { type Given, inputsOf, refuseOthers } from './inputs.ts'
import type { Planning } from './recorder.ts'
import { checkPlace, Making } from './writer.ts'

/**
 * The plan that the flags ask for: to be made (--plan-out) or to be kept to (--plan); null where
 * they do not. What cannot be kept to is an InputError.
 */
export const beginPlanning = async (
  playbook: string,
  given: Given,
  vault: Vault,
  now: Date,
): Promise<Planning | null> => {
  const { plan, 'plan-out': out } = given.flags
  if (plan !== undefined) {
    const saved = read(plan)
    if (saved.playbook !== playbook)
      throw new InputError({
        place: `--plan ${plan}`,
        message: `it is a plan of ${saved.playbook}, and this is ${playbook}`,
      })
    const seal = await sealOf(saved, vault)
    refuseOthers(plan, saved.inputs, inputsOf(given, seal))
    return new Keeping(plan, saved, seal, given.flags.check === true)
  }
  if (out === undefined) return null
  const { seal, key } = await newSeal(vault)
  return new Making(
    out,
    { version: 1, playbook, made: now.toISOString(), key, inputs: inputsOf(given, seal) },
    seal,
    vault.redact,
  )
}

/** What cannot go together, as an InputError. */
export const checkPlanFlags = ({
  plan,
  'plan-out': out,
  check,
  'list-tasks': list,
}: CommonFlags): void => {
  if (out !== undefined && plan !== undefined)
    throw new InputError({
      place: '--plan-out',
      message: 'a run makes a plan or keeps to one, not both',
    })
  if (out !== undefined && !check)
    throw new InputError({
      place: '--plan-out',
      message: 'a plan is made in check mode',
      next: 'Give --check too.',
    })
  if (out !== undefined && list)
    throw new InputError({
      place: '--plan-out',
      message: 'with --list-tasks nothing is read, so there is no plan',
    })
  if (out !== undefined) checkPlace(out)
}

const read = (file: string): SavedPlan => {
  const refuse = (message: string, cause?: unknown): never => {
    throw new InputError(
      { place: `--plan ${file}`, message, next: 'Make a plan with --check --plan-out FILE.' },
      { cause },
    )
  }
  try {
    const found = savedPlan.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    return found.success ? found.data : refuse('is no saved plan of this version', found.error)
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    return refuse(
      (cause as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'there is no such file'
        : 'is no saved plan',
      cause,
    )
  }
}
