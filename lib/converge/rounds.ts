import type { Emit } from '../events.ts'
import { Sh } from '../sh.ts'
import { ShellLost } from '../transport/byte-reader.ts'
import { Stopped, Unreachable } from '../transport/connection.ts'
import type { Step } from '../transport/protocol/script.ts'
import type { Shell } from '../transport/root-shell.ts'
import { awaitReboot, getRebootSeconds } from './await-reboot.ts'
import { LoginProver } from './login-prover.ts'
import { isMoving } from './next-batch.ts'
import type { ConvergeOptions } from './options.ts'
import { isChange, recordFirstDiff, type Slot } from './plan.ts'
import { type RoundTripResult, roundTrip } from './round-trip.ts'

/** Seconds for which a probe that is made for its round holds. */
const RENEW_SECONDS = 300

/** How often a lost link is opened again in one list. */
const RECONNECTS = 3

/**
 * The round trips of one list on one host. A lost shell is opened again and everything is probed:
 * nothing is assumed about what was in flight.
 */
export class Rounds {
  /** How many there were. */
  count = 0
  /** How many changed nothing that was not changed before, and did not end at a moved probe. */
  idle = 0
  /** Operations that were sent to a host that was then lost: begun, or not. */
  inFlight: ReadonlySet<number> = new Set()
  /** Operations whose change began, or may have, in any round. */
  readonly begun = new Set<number>()
  /** Milliseconds that the changes of each operation took. */
  readonly durations = new Map<number, number>()
  readonly #all: readonly Slot[]
  readonly #options: ConvergeOptions
  readonly #emit: Emit
  #lost = 0
  readonly #moving = new Set<Slot>()
  #running: number | null = null
  /** Decodes what the running change prints. */
  #decoder = new TextDecoder()

  constructor(all: readonly Slot[], options: ConvergeOptions, emit: Emit) {
    this.#all = all
    this.#options = options
    this.#emit = emit
  }

  /** Makes one round trip. Rejects with Unreachable or Stopped. */
  async make(steps: readonly Step[]): Promise<RoundTripResult> {
    const { host, stop } = this.#options
    if (stop?.requested && this.count === 0) throw new Stopped(host)
    const shell = await this.#options.shell()
    const since = performance.now()
    try {
      const result = await this.#send(shell, steps)
      return this.#haveExpired(since) ? await this.#readAgain(result) : result
    } catch (error) {
      if (!(error instanceof ShellLost)) throw error
      this.inFlight = await this.#findInFlight(shell, steps)
      shell.drop()
      for (const step of steps)
        if ('change' in step) recordFirstDiff(this.#all[step.change.id] as Slot)
      if (stop?.requested) throw new Stopped(host)
      if (getRebootSeconds(this.#all, this.#running) !== undefined)
        return this.#awaitReboot(this.#running as number)
      return this.#reconnect(error)
    }
  }

  async #send(shell: Shell, steps: readonly Step[]): Promise<RoundTripResult> {
    this.#emit({
      type: 'round-started',
      host: this.#options.host,
      round: ++this.count,
      changes: steps.filter(step => 'change' in step).length,
    })
    const { login, lease = null } = this.#options
    const prover = new LoginProver(this.#all, login, shell, text => this.#note(text))
    try {
      const result = await roundTrip(shell, this.#all, steps.map(prover.announce), lease, {
        onStart: id => {
          this.#takeStart(id)
          prover.start(id)
        },
        onEnd: (id, ms, applied) => {
          prover.end(applied)
          this.#takeEnd(id, ms, applied)
        },
        onPrinted: (id, bytes) => this.#takePrinted(id, bytes),
        onWait: (process, run) => this.#noteWait(process, run),
      })
      this.#running = null
      this.inFlight = new Set()
      if (!result.stale && !result.applied.some(id => this.#isProgress(id))) this.idle++
      if (result.stale) this.#noteMoving()
      return result
    } finally {
      await prover.close()
    }
  }

  /** Whether it was applied for the first time, or watches what may take so long. */
  #isProgress(id: number): boolean {
    const { applied, plan } = this.#all[id] as Slot
    const seconds = (isChange(plan) ? plan.watchSeconds : undefined) ?? 0
    return applied === 1 || (this.durations.get(id) ?? 0) < seconds * 1000
  }

  /** Whether the changes of a round took so long that its probes no longer held when they ran. */
  #haveExpired(since: number): boolean {
    const { renewSeconds = RENEW_SECONDS } = this.#options
    return (
      performance.now() - since > renewSeconds * 1000 &&
      this.#all.some(({ op }) => Sh.isRenewed(op.probe))
    )
  }

  async #readAgain(result: RoundTripResult): Promise<RoundTripResult> {
    const again = await this.make([])
    this.idle--
    return { ...result, trouble: result.trouble ?? again.trouble }
  }

  #reconnect(error: ShellLost): Promise<RoundTripResult> {
    const running = this.#running === null ? null : (this.#all[this.#running] as Slot)
    const during = running === null ? '' : ` while ${running.op.id} was running`
    if (++this.#lost > RECONNECTS)
      throw new Unreachable(
        this.#options.host,
        `the link was lost${during}, ${this.#lost} times: ${error.message}`,
        { cause: error },
      )
    this.#note(`the link was lost${during} (${error.message}): connecting again to look`)
    return this.make([])
  }

  /**
   * Finds what a lost shell may have begun. If the shell is known to have ended, that is what it
   * reported as begun; otherwise all that was sent, since its words may be lost and it may go on.
   */
  async #findInFlight(shell: Shell, steps: readonly Step[]): Promise<ReadonlySet<number>> {
    const sent = steps.flatMap(step => ('change' in step ? [step.change.id] : []))
    const begun = (await shell.ended()) ? sent.filter(id => id === this.#running) : sent
    for (const id of begun) this.begun.add(id)
    return new Set([...this.inFlight, ...begun])
  }

  /** The link was ended on purpose: once the host is back, or late, everything is probed. */
  async #awaitReboot(id: number): Promise<RoundTripResult> {
    const trouble = await awaitReboot(this.#all, id, this.#options, text => this.#note(text))
    const result = await this.make([])
    return { ...result, trouble: trouble ?? result.trouble }
  }

  #noteWait(process: string, run: string): void {
    const whose =
      run === this.#options.lease?.who
        ? 'of this run, whose link was lost'
        : `of a run whose controller is gone (${run})`
    this.#note(`waiting for process ${process} ${whose}: it ends what it was doing`)
  }

  #noteMoving(): void {
    for (const slot of this.#all.filter(isMoving)) {
      if (this.#moving.has(slot)) continue
      this.#moving.add(slot)
      this.#note(
        `${slot.op.id}: what its probe prints moves each time, so its change is made on what was ` +
          'read last',
      )
    }
  }

  #takeStart(id: number): void {
    this.#running = id
    this.begun.add(id)
    this.#decoder = new TextDecoder()
    const { number } = this.#all[id] as Slot
    this.#emit({ type: 'op-started', host: this.#options.host, op: number })
  }

  /** A character may be in two parts. */
  #takePrinted(id: number, bytes: Buffer): void {
    if (id !== this.#running) return // the rest of one that has ended
    const text = this.#decoder.decode(bytes, { stream: true })
    const { number: op } = this.#all[id] as Slot
    if (text !== '') this.#emit({ type: 'op-output', host: this.#options.host, op, text })
  }

  #takeEnd(id: number, ms: number, applied: boolean): void {
    const slot = this.#all[id] as Slot
    this.#running = null
    this.durations.set(id, (this.durations.get(id) ?? 0) + ms)
    if (!applied) return
    slot.applied++
    recordFirstDiff(slot)
  }

  #note(text: string): void {
    this.#emit({ type: 'note', host: this.#options.host, text })
  }
}
