/** Operations and slots for tests of what the engine decides, without a host. */
import { makeSlots, type Slot } from '../../lib/converge/plan.ts'
import type { Change, Operation, Output, Unknown } from '../../lib/operation.ts'
import { sh } from '../../lib/sh.ts'
import { makeOutput } from './operations.ts'

type Plan = Change | Unknown | null

/** A change of one key, or with the keys that are given. */
export const makeChange = (more: Partial<Change> = {}): Change => ({
  diff: [{ key: 'state', before: null, after: 'done' }],
  apply: sh`true`,
  ...more,
})

/** The operation `step NAME`, whose plan is this, whatever its probe prints. */
export const makeStep = (
  name: string,
  plan: Plan | Operation['decide'] = null,
  more: Partial<Operation> = {},
): Operation => ({
  kind: 'step',
  name,
  id: `step ${name}`,
  key: `step ${name}`,
  tags: [],
  probeSeconds: 15,
  probe: sh`echo ${name}`,
  provides: [],
  decide: typeof plan === 'function' ? plan : () => plan,
  ...more,
})

/** Slots of operations that have been probed: the output is that of all of them. */
export const makeProbed = (
  ops: readonly Operation[],
  output: Output | null = makeOutput(''),
): Slot[] => makeSlots(ops).map(slot => ({ ...slot, output }))

/** Probed slots `step a`, `step b` … with what is given of each. */
export const makeGiven = (...given: readonly Partial<Slot>[]): Slot[] =>
  makeProbed(given.map((_, at) => makeStep(String.fromCharCode(97 + at)))).map((slot, at) => ({
    ...slot,
    ...given[at],
  }))
