import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { explainUnknown } from '../../converge/outcome.ts'
import type { Slot } from '../../converge/plan.ts'
import { writeWhole } from '../../disk/write-whole.ts'
import { InputError } from '../../errors/input-error.ts'
import type { Output } from '../../operation.ts'
import { Unknown } from '../../operation.ts'
import { sanitize } from '../../report/sanitize.ts'
import { formatCount } from '../../report/style.ts'
import { type Fingerprint, fingerprintChange, fingerprintState, sealPlan } from './fingerprint.ts'
import type { Planned, UnsealedPlan } from './format.ts'
import type { PlannedPlay, PlanRecorder } from './recorder.ts'

/** `--plan-out`: the plan of a run in check mode, written to a file at its end. */
export class PlanWriter implements PlanRecorder {
  readonly #file: string
  readonly #fingerprint: Fingerprint
  readonly #redact: (text: string) => string
  readonly #plan: UnsealedPlan
  constructor(
    file: string,
    plan: Omit<UnsealedPlan, 'plays'>,
    fingerprint: Fingerprint,
    redact: (text: string) => string,
  ) {
    this.#file = file
    this.#fingerprint = fingerprint
    this.#redact = redact
    this.#plan = { ...plan, plays: [] }
  }

  begin({ name }: PlannedPlay): void {
    this.#plan.plays.push({ name, hosts: {} })
  }
  explainBar(): null {
    return null
  }
  takeResult(): boolean {
    return false
  }
  getOptions(host: string) {
    const play = this.#plan.plays.at(-1)
    return {
      onPlanned: (all: readonly Slot[]): void => {
        if (play) play.hosts[host] = all.map((slot, at) => this.#planned(slot, all, at))
      },
    }
  }

  #planned(slot: Slot, all: readonly Slot[], at: number): Planned {
    const { op, output, plan } = slot
    const { id } = op
    if (plan === null) return { id, does: 'nothing' }
    if (plan instanceof Unknown)
      return { id, does: 'unknown', why: this.#redact(explainUnknown(all, at, plan)) }
    const diff = sanitize(plan.diff, this.#redact).map(one => ({ ...one }))
    return {
      id,
      does: 'change',
      state: fingerprintState(this.#fingerprint, output as Output),
      change: fingerprintChange(this.#fingerprint, plan),
      diff,
    }
  }

  async end(): Promise<string> {
    const seal = sealPlan(this.#fingerprint, this.#plan)
    await write(this.#file, `${JSON.stringify({ ...this.#plan, seal }, null, 1)}\n`)
    const ops = this.#plan.plays.flatMap(({ hosts }) => Object.values(hosts).flat())
    const of = (does: Planned['does']): number => ops.filter(op => op.does === does).length
    const counts = `${formatCount(of('change'), 'change')}, ${of('unknown')} unknown`
    const next = `--plan ${this.#file} with the same flags makes them`
    return `the plan is in ${this.#file}: ${counts}; ${next}`
  }
}

/** That a plan can be written to this file, tried before the hosts are read for it. */
export const checkWritable = (file: string): void => {
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a folder')
    accessSync(dirname(file), constants.W_OK)
  } catch (cause) {
    throw createWriteError(file, cause as Error)
  }
}

/** Whole or not at all, for its owner only. */
const write = (file: string, text: string): Promise<void> =>
  writeWhole(file, text, 0o600).catch(cause => {
    throw createWriteError(file, cause)
  })

const createWriteError = (file: string, cause: Error): InputError =>
  new InputError(
    { place: `--plan-out ${file}`, message: `cannot be written: ${cause.message}` },
    { cause },
  )
