import { toFailure } from '../errors/failure.ts'
import type { EventBody } from '../events.ts'
import { type Operation, Unknown } from '../operation.ts'
import { Stopped } from '../transport/connection.ts'
import type { Step } from '../transport/protocol/script.ts'
import { approve } from './approve.ts'
import { awaitDeferred } from './await-deferred.ts'
import { nextBatch, refuseDisruptive } from './next-batch.ts'
import type { ConvergeOptions, ConvergeResult } from './options.ts'
import { explainUnknown, settleOutcomes, settleResult } from './outcome.ts'
import {
  decide,
  describeRestless,
  findApplicable,
  findUnsettled,
  makeSlots,
  type Slot,
  type Trouble,
} from './plan.ts'
import { blockChanges } from './plan-guard.ts'
import { Rounds } from './rounds.ts'

export type { ConvergeOptions, ConvergeResult, DisruptionQueue } from './options.ts'

/**
 * Brings one host to the state that the operations want: rounds to a fixpoint (DESIGN.md,
 * "Converging a host"). Does not reject for what a host does; every operation gets exactly one
 * outcome. The shell stays open for the next list.
 */
export const converge = (
  ops: readonly Operation[],
  options: ConvergeOptions,
): Promise<ConvergeResult> => new Convergence(ops, options).run()

/** One list on one host, on its way through the rounds. */
class Convergence {
  readonly #options: ConvergeOptions
  readonly #all: Slot[]
  readonly #rounds: Rounds
  readonly #emitted = new Set<string>()
  #stopped = false
  /** What has moved since the saved plan was made has been looked for. */
  #guarded = false

  constructor(ops: readonly Operation[], options: ConvergeOptions) {
    this.#options = options
    this.#all = makeSlots(ops, options.numbers)
    this.#rounds = new Rounds(this.#all, options, event => this.#emit(event))
  }

  async run(): Promise<ConvergeResult> {
    if (this.#all.length === 0) return { result: 'ok', trips: 0, outcomes: [] }
    try {
      return this.#end(await this.#reachFixpoint())
    } catch (error) {
      return this.#end(null, error) // what was done before it is reported all the same
    }
  }

  async #reachFixpoint(): Promise<Trouble | null> {
    const { guard, check, stop, allowDisruption, maxRounds = 12 } = this.#options
    for (let steps: readonly Step[] = []; ; steps = await this.#chooseSteps()) {
      const trouble = await this.#takeTurn(steps)
      if (trouble || this.#stopped || this.#isSettled()) return trouble
      if (guard && findApplicable(this.#all).length === 0) return null
      const late = await awaitDeferred(this.#all, this.#options, () => this.#plan([]))
      if (late || check || stop?.requested || this.#isSettled()) return late
      const refused = allowDisruption ? null : refuseDisruptive(this.#all)
      if (refused) return refused
      if (this.#rounds.idle >= maxRounds) return describeRestless(this.#all, this.#rounds.count)
    }
  }

  /** Returns the next batch; if the operator is asked, that is the one approved change. */
  async #chooseSteps(): Promise<readonly Step[]> {
    const { approve: ask } = this.#options
    const steps = ask
      ? await approve(this.#all, ask, () => void this.#plan([]))
      : nextBatch(this.#all)
    this.#stopped ||= steps === null
    return steps ?? []
  }

  /** Applies a batch; one that disturbs the host waits for its turn among the hosts. */
  async #takeTurn(steps: readonly Step[]): Promise<Trouble | null> {
    const { inTurn } = this.#options
    const disruptive = steps.flatMap(step =>
      'change' in step && step.change.change.disruptive !== undefined ? [step.change.id] : [],
    )
    const [id] = disruptive
    if (id === undefined || !inTurn) return this.#applyBatch(steps)
    let trouble: Trouble | null = null
    const refusal = await inTurn(async () => {
      trouble = await this.#applyBatch(steps)
      return trouble === null
    })
    if (refusal === null) return trouble
    const { op } = this.#all[id] as Slot
    return { id, failure: { message: `${op.id}: not begun: ${refusal}` } }
  }

  /** Applies a batch and proves it, unless the run was stopped while it waited. */
  async #applyBatch(steps: readonly Step[]): Promise<Trouble | null> {
    this.#stopped ||= steps.length > 0 && this.#options.stop?.requested === true
    if (this.#stopped) return null
    const { trouble, applied, stopped } = await this.#rounds.make(steps)
    this.#stopped ||= stopped
    if (trouble) decide(this.#all, this.#options.pendingBefore)
    return trouble ?? this.#plan(applied)
  }

  /** Plans from what was probed last, reports the plans, and returns what is wrong with them. */
  #plan(applied: readonly number[]): Trouble | null {
    const { guard, pendingBefore } = this.#options
    const unreadable = decide(this.#all, pendingBefore)
    const moved = this.#guarded ? null : (guard?.findMoved(this.#all) ?? null)
    this.#guarded = guard !== undefined
    if (guard) blockChanges(this.#all, guard)
    for (const [id, slot] of this.#all.entries()) this.#emitPlan(id, slot)
    return findUnsettled(this.#all, applied) ?? moved ?? unreadable
  }

  #isSettled(): boolean {
    return this.#all.every(slot => slot.plan === null)
  }

  #emitPlan(id: number, { plan, number: op }: Slot): void {
    if (plan === null) return
    const { host } = this.#options
    const event: EventBody =
      plan instanceof Unknown
        ? { type: 'op-unknown', host, op, why: explainUnknown(this.#all, id, plan) }
        : { type: 'op-planned', host, op, diff: plan.diff }
    const key = JSON.stringify(event)
    if (!this.#emitted.has(key)) this.#emit(event)
    this.#emitted.add(key)
  }

  #emit(event: EventBody): void {
    this.#options.emit?.(event)
  }

  /** `thrown` ended the list from outside: the host is out of reach, or root was refused. */
  #end(trouble: Trouble | null, thrown?: unknown): ConvergeResult {
    const lost = thrown !== undefined
    const { host, check = false, guard, stop, onPlanned } = this.#options
    const outcomes = settleOutcomes(this.#all, {
      check,
      guarded: guard !== undefined,
      trouble,
      lost,
      inFlight: this.#rounds.inFlight,
      begun: this.#rounds.begun,
    })
    for (const [id, outcome] of outcomes.entries()) {
      const ms = Math.round(this.#rounds.durations.get(id) ?? 0)
      this.#emit({ type: 'op-settled', host, op: (this.#all[id] as Slot).number, outcome, ms })
    }
    const error = lost && !(thrown instanceof Stopped) ? toFailure(thrown) : trouble?.failure
    this.#rejectDeferred(error ? ` (${error.message})` : '')
    const interrupted =
      thrown instanceof Stopped || this.#stopped || (stop?.requested === true && !this.#isSettled())
    if (!error && !interrupted) onPlanned?.(this.#all)
    return {
      result: settleResult(thrown, error !== undefined, interrupted),
      trips: this.#rounds.count,
      outcomes,
      ...(error ? { error } : {}),
    }
  }

  /** Nobody waits any more for what this host did not provide. */
  #rejectDeferred(because: string): void {
    for (const { op } of this.#all)
      for (const deferred of op.provides)
        deferred.reject(`its host ended without providing it${because}`)
  }
}
