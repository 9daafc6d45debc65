import { Refusal } from '../deferred.ts'
import type { Failure } from '../events.ts'
import { type Change, type Operation, type Output, Unknown } from '../operation.ts'

/** One operation of the list and what is known of it so far. */
export type Slot = {
  readonly op: Operation
  /** Its run-wide number on this host, used in events. */
  readonly number: number
  output: Output | null
  plan: Change | Unknown | null
  /**
   * The plan asked whether another operation has a change pending, so its own probe is expected to
   * move before its turn.
   */
  dependent: boolean
  /** The keys of the operations with a pending change that the plan asked for. */
  asked: ReadonlySet<string>
  /** How often it was applied with exit 0. */
  applied: number
  /** The diff that it was first applied with, or was sent with before the link was lost. */
  firstDiff: Change['diff'] | null
  /** The plan of the first round: a later change of what was "ok" was not foreseen. */
  firstPlan: Change | Unknown | null | undefined
  /** How often its probe had moved at its turn, so that its batch ended there. */
  moved: number
  /** The operator was asked and declined it. */
  declined: boolean
}

/** A failure, and the operation that it belongs to, if it belongs to one. */
export type Trouble = { readonly id: number | null; readonly failure: Failure }

/** Makes a slot for each operation. Without `numbers`, their places are their numbers. */
export const makeSlots = (ops: readonly Operation[], numbers?: readonly number[]): Slot[] =>
  ops.map((op, place) => ({
    op,
    number: numbers?.[place] ?? place,
    output: null,
    plan: null,
    dependent: false,
    asked: new Set(),
    applied: 0,
    firstDiff: null,
    firstPlan: undefined,
    moved: 0,
    declined: false,
  }))

export const isChange = (plan: Change | Unknown | null): plan is Change =>
  plan !== null && !(plan instanceof Unknown)
/** Whether a change may be made again and again: what it watches goes on without it. */
export const isWatch = (plan: Change | Unknown | null): boolean =>
  isChange(plan) && plan.watchSeconds !== undefined
const isDeferred = (plan: Change | Unknown | null): boolean =>
  plan instanceof Unknown && plan.deferred !== undefined

/**
 * Decides in list order what each operation needs, from what its probe printed. An operation that
 * cannot be read is *unknown* while a change is pending before it, or while another host has yet
 * to provide a value; with nothing pending it is trouble. In check mode an earlier list may have
 * pending changes that were not made. Pure except for the slots.
 */
export const decide = (all: readonly Slot[], pendingBefore = false): Trouble | null => {
  const pending = new Set<string>()
  const promises: string[] = []
  let trouble: Trouble | null = null
  for (const [id, slot] of all.entries()) {
    slot.dependent = false
    slot.plan = planSlot(slot, pending, promises)
    const { op, plan } = slot
    if (plan instanceof Unknown && pending.size === 0 && !pendingBefore && !isDeferred(plan))
      trouble ??= { id, failure: describeUnknown(op, plan) }
    if (plan) pending.add(op.key)
    if (plan) promises.push(...(op.makes ?? []))
    if (slot.firstPlan === undefined) slot.firstPlan = plan
  }
  return trouble
}

const describeUnknown = ({ id }: Operation, unknown: Unknown): Failure => {
  if (!(unknown instanceof Refusal)) return { message: `${id}: cannot be read: ${unknown.why}` }
  const { why, next, stderr } = unknown
  return { message: `${id}: ${why}`, next, ...(stderr ? { stderr } : {}) }
}

const planSlot = (
  slot: Slot,
  pending: ReadonlySet<string>,
  promises: readonly string[],
): Change | Unknown | null => {
  const { op, output } = slot
  if (slot.declined) return null
  if (!output) return new Unknown('not probed')
  if (output.cut !== undefined) return new Unknown(`the probe's answer is not whole: ${output.cut}`)
  if (output.exitCode === 124)
    return new Unknown(
      `the probe hung and was ended after its deadline of ${op.probeSeconds} s or less`,
    )
  const asked = new Set<string>()
  slot.asked = asked
  const isPending = (other: Operation): boolean => {
    if (pending.has(other.key)) asked.add(other.key)
    slot.dependent = asked.size > 0
    return pending.has(other.key)
  }
  try {
    return op.decide(output, {
      pending: isPending,
      promised: thing => isPromised(promises, thing),
    })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return new Unknown(`what the probe printed was not understood: ${why}`)
  }
}

/** A folder is promised by itself, or by what brings a whole tree of folders above it. */
const isPromised = (promises: readonly string[], thing: string): boolean =>
  promises.some(
    promise =>
      promise === thing ||
      (promise.startsWith('below ') &&
        thing.startsWith(promise.replace(/^below (.*?)\/?$/, 'folder $1/'))),
  )

/** How often one operation may be applied and be undone again before that is an error. */
const TIMES = 2

/**
 * Finds what the batch that just ran should have settled and did not. `applied`: the operations
 * applied in it, in order.
 */
export const findUnsettled = (all: readonly Slot[], applied: readonly number[]): Trouble | null => {
  const last = applied.at(-1)
  for (const [id, slot] of all.entries()) {
    if (!isChange(slot.plan) || isWatch(slot.plan)) continue
    const still = slot.plan.diff
      .map(({ key, before, after }) => `${key}: ${shorten(before)} -> ${shorten(after)}`)
      .join(', ')
    if (id === last)
      return {
        id,
        failure: { message: `${slot.op.id}: applied, exit 0, and still differs (${still})` },
      }
    if (slot.applied < TIMES) continue
    const others = all
      .filter(other => other !== slot && other.applied > 0)
      .map(other => other.op.id)
    return {
      id,
      failure: {
        message: `${slot.op.id}: applied ${slot.applied} times and undone again (${still})`,
        next:
          'it conflicts with another operation or process; ' +
          `applied beside it: ${others.join(', ')}`,
      },
    }
  }
  return null
}

/** Names what did not settle in so many rounds. */
export const describeRestless = (all: readonly Slot[], rounds: number): Trouble => {
  const left = all.flatMap((slot, id) => (slot.plan === null ? [] : [id]))
  const names = left.slice(0, 3).map(id => (all[id] as Slot).op.id)
  const more = left.length > 3 ? `, and ${left.length - 3} more` : ''
  return {
    id: left[0] ?? null,
    failure: { message: `not settled after ${rounds} rounds: ${names.join(', ')}${more}` },
  }
}

const shorten = (text: string | null): string => {
  const line = (text ?? 'absent').replace(/\s+/g, ' ').trim()
  return line.length > 60 ? `${line.slice(0, 57)}...` : line
}

/** Finds the operations that the next batch may apply: the changes before the first unknown. */
export const findApplicable = (all: readonly Slot[]): number[] => {
  const barrier = all.findIndex(slot => slot.plan instanceof Unknown)
  return all.flatMap((slot, id) =>
    isChange(slot.plan) && (barrier < 0 || id < barrier) ? [id] : [],
  )
}

/** Finds the unknown that waits for another host, if nothing else can be done before it. */
export const findAwaited = (all: readonly Slot[]): Unknown | null => {
  const first = all.find(slot => slot.plan !== null)?.plan ?? null
  return first instanceof Unknown && first.deferred !== undefined ? first : null
}

/** Records the first diff of what was applied, or may have been before the link was lost. */
export const recordFirstDiff = (slot: Slot): void => {
  slot.firstDiff ??= isChange(slot.plan) ? slot.plan.diff : []
}
