import { toFailure } from '../errors/failure.ts'
import { type Operation, Unknown } from '../operation.ts'
import { ShellLost } from '../transport/byte-reader.ts'
import { Stopped, Unreachable } from '../transport/connection.ts'
import type { Step } from '../transport/protocol/script.ts'
import type { Shell } from '../transport/root-shell.ts'
import { agreed } from './approve.ts'
import { awaitDeferred } from './await-deferred.ts'
import { refusal, stepsOf } from './batch.ts'
import { type Exchanged, exchange } from './exchange.ts'
import type { Options, Result, Told } from './options.ts'
import { outcomes, until } from './outcome.ts'
import { batch, decide, planned, type Slot, slots, type Trouble, unsettled } from './plan.ts'
import { holdBack } from './plan-guard.ts'
import { awayOf, comesBack } from './reboot.ts'

export type { InTurn, Options, Result, Told } from './options.ts'

/** How often a lost link is opened again in one list. */
const RECONNECTS = 3

/**
 * Brings one host to the state that the operations want: rounds to a fixpoint (DESIGN.md,
 * "Converging a host"). Does not reject for what a host does;
 * every operation has exactly one outcome. The shell stays open for the next list.
 */
export const converge = (ops: readonly Operation[], options: Options): Promise<Result> =>
  new Convergence(ops, options).run()

/** One list on one host, on its way through the rounds. */
class Convergence {
  readonly #o: Options
  readonly #all: Slot[]
  readonly #ms: number[]
  readonly #told = new Set<string>()
  #round = 0
  /** Rounds in which nothing was changed that was not changed before. */
  #idle = 0
  #lost = 0
  #running: number | null = null
  /** Sent to a host that was then lost: begun, or not. */
  #unsure: ReadonlySet<number> = new Set()
  #stopped = false
  /** What has moved since the plan that is kept to was looked for. */
  #held = false

  constructor(ops: readonly Operation[], options: Options) {
    this.#o = options
    this.#all = slots(ops)
    this.#ms = ops.map(() => 0)
  }

  async run(): Promise<Result> {
    if (this.#all.length === 0) return { result: 'ok', trips: 0, outcomes: [] }
    try {
      return this.#end(await this.#toFixpoint())
    } catch (error) {
      return this.#end(null, error) // what was done before it is told all the same
    }
  }

  async #toFixpoint(): Promise<Trouble | null> {
    for (let steps: Step[] = []; ; steps = await this.#next()) {
      const found = await this.#batch(steps)
      if (found || this.#stopped || this.#all.every(slot => slot.plan === null)) return found
      if (this.#o.hold && batch(this.#all).length === 0) return null
      const wait = await awaitDeferred(this.#all, this.#o, () => this.#decide([]))
      if (wait || this.#o.check || this.#o.stop?.requested) return wait
      const refused = this.#o.allowDisruption ? null : refusal(this.#all)
      if (refused) return refused
      if (this.#idle >= (this.#o.maxRounds ?? 12))
        return { id: null, failure: { message: `not settled after ${this.#round} rounds` } }
    }
  }

  /** The next batch. Where somebody is asked it is the one change that was agreed to. */
  async #next(): Promise<Step[]> {
    const steps = this.#o.ask
      ? await agreed(this.#all, this.#o.ask, () => void this.#decide([]))
      : stepsOf(this.#all)
    this.#stopped ||= steps === null
    return steps ?? []
  }

  /** Applies a batch and proves it. What disturbs the host waits for its turn among the hosts. */
  async #batch(steps: readonly Step[]): Promise<Trouble | null> {
    const disrupts = steps.find(
      step => 'change' in step && step.change.change.disruptive !== undefined,
    )
    let found: Trouble | null = null
    const work = async (): Promise<boolean> => {
      // its turn may have been long in coming
      this.#stopped ||= steps.length > 0 && this.#o.stop?.requested === true
      if (this.#stopped) return true
      const { trouble, did } = await this.#roundTrip(steps)
      found = trouble ?? this.#decide(did)
      return found === null
    }
    if (!disrupts || !('change' in disrupts) || !this.#o.inTurn) await work()
    else {
      const not = await this.#o.inTurn(work)
      if (not !== null)
        return {
          id: disrupts.change.id,
          failure: {
            message: `${(this.#all[disrupts.change.id] as Slot).op.id}: not begun: ${not}`,
          },
        }
    }
    return found
  }

  #decide(did: readonly number[]): Trouble | null {
    const unread = decide(this.#all, this.#o.pendingBefore)
    const { hold } = this.#o
    const moved = this.#held ? null : (hold?.moved(this.#all) ?? null)
    this.#held = hold !== undefined
    if (hold) holdBack(this.#all, hold)
    for (const [op, { plan }] of this.#all.entries()) this.#tellPlan(op, plan)
    return unsettled(this.#all, did) ?? moved ?? unread
  }

  /**
   * A lost shell is opened again and everything is probed: nothing is assumed of what was in
   * flight.
   */
  async #roundTrip(steps: readonly Step[]): Promise<Exchanged> {
    if (this.#o.stop?.requested && this.#round === 0) throw new Stopped(this.#o.host)
    const shell = await this.#o.shell()
    try {
      this.#tell({
        type: 'round-started',
        round: ++this.#round,
        changes: steps.filter(step => 'change' in step).length,
      })
      const done = await exchange(shell, this.#all, steps, this.#o.lease ?? null, {
        waiting: (process, run) => this.#waiting(process, run),
        started: op => this.#started(op),
        ended: (op, ms, applied) => this.#ended(op, ms, applied),
      })
      this.#running = null
      this.#unsure = new Set()
      if (!done.did.some(id => this.#all[id]?.applied === 1)) this.#idle++
      if (done.trouble) decide(this.#all, this.#o.pendingBefore)
      this.#stopped ||= done.stopped
      return done
    } catch (error) {
      if (!(error instanceof ShellLost)) throw error
      this.#unsure = await this.#begunOrNot(shell, steps)
      shell.drop()
      for (const step of steps) if ('change' in step) planned(this.#all[step.change.id] as Slot)
      if (this.#o.stop?.requested) throw new Stopped(this.#o.host)
      if (awayOf(this.#all, this.#running) !== undefined) return this.#back(this.#running as number)
      const running =
        this.#running === null
          ? ''
          : ` while ${(this.#all[this.#running] as Slot).op.id} was running`
      if (++this.#lost > RECONNECTS)
        throw new Unreachable(
          this.#o.host,
          `the link was lost${running}, ${this.#lost} times: ${error.message}`,
          { cause: error },
        )
      this.#tell({
        type: 'note',
        text: `the link was lost${running} (${error.message}): connecting again to look`,
      })
      return this.#roundTrip([])
    }
  }

  /**
   * What a lost shell may have begun. Of one that is known to have ended, what it said it began; of
   * one that nothing more is heard of, all that it was
   * sent: its words may be lost, and it may go on.
   */
  async #begunOrNot(shell: Shell, steps: readonly Step[]): Promise<ReadonlySet<number>> {
    const sent = steps.flatMap(step => ('change' in step ? [step.change.id] : []))
    const begun = (await shell.ended()) ? sent.filter(id => id === this.#running) : sent
    return new Set([...this.#unsure, ...begun])
  }

  /** The link was ended on purpose: once the host is back, or late, everything is probed. */
  async #back(op: number): Promise<Exchanged> {
    const trouble = await comesBack(this.#all, op, this.#o, text =>
      this.#tell({ type: 'note', text }),
    )
    const done = await this.#roundTrip([])
    if (trouble) decide(this.#all, this.#o.pendingBefore)
    return { ...done, trouble: trouble ?? done.trouble }
  }

  #waiting(process: string, run: string): void {
    const whose =
      run === this.#o.lease?.who
        ? 'of this run, whose link was lost'
        : `of a run whose controller is gone (${run})`
    this.#tell({
      type: 'note',
      text: `waiting for process ${process} ${whose}: it ends what it was doing`,
    })
  }

  #started(op: number): void {
    this.#running = op
    this.#tell({ type: 'op-started', op })
  }

  #ended(op: number, ms: number, applied: boolean): void {
    const slot = this.#all[op] as Slot
    this.#running = null
    this.#ms[op] = (this.#ms[op] ?? 0) + ms
    if (!applied) return
    slot.applied++
    planned(slot)
  }

  #tellPlan(op: number, plan: Slot['plan']): void {
    if (plan === null) return
    const told: Told =
      plan instanceof Unknown
        ? { type: 'op-unknown', op, why: until(this.#all, op, plan) }
        : { type: 'op-planned', op, diff: plan.diff }
    const key = JSON.stringify(told)
    if (!this.#told.has(key)) this.#tell(told)
    this.#told.add(key)
  }

  #tell(told: Told): void {
    this.#o.tell?.(told)
  }

  /**
   * `broke`: what ended it from outside: the host is out of reach, or does not let us be root any
   * more.
   */
  #end(trouble: Trouble | null, broke?: unknown): Result {
    const lost = broke !== undefined
    const { check = false, hold } = this.#o
    const ends = outcomes(this.#all, {
      check,
      held: hold !== undefined,
      trouble,
      lost,
      inFlight: this.#unsure,
    })
    for (const [op, outcome] of ends.entries())
      this.#tell({ type: 'op-settled', op, outcome, ms: Math.round(this.#ms[op] ?? 0) })
    const error = lost && !(broke instanceof Stopped) ? toFailure(broke) : trouble?.failure
    const because = error ? ` (${error.message})` : ''
    for (const { op } of this.#all)
      for (const needed of op.provides) needed.reject(`its host ended without giving it${because}`)
    const interrupted =
      broke instanceof Stopped ||
      this.#stopped ||
      (this.#o.stop?.requested === true && this.#all.some(slot => slot.plan !== null))
    if (!error && !interrupted) this.#o.seen?.(this.#all)
    return {
      result:
        broke instanceof Unreachable
          ? 'unreachable'
          : error
            ? 'failed'
            : interrupted
              ? 'interrupted'
              : 'ok',
      trips: this.#round,
      outcomes: ends,
      ...(error ? { error } : {}),
    }
  }
}
