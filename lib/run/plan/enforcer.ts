import type { ConvergeResult } from '../../converge/converge.ts'
import { isChange, type Slot, type Trouble } from '../../converge/plan.ts'
import type { PlanGuard } from '../../converge/plan-guard.ts'
import { InputError } from '../../errors/input-error.ts'
import type { Output } from '../../operation.ts'
import { formatCount } from '../../report/style.ts'
import { type Fingerprint, fingerprintState, matchesPlan } from './fingerprint.ts'
import type { Planned, SavedPlan } from './format.ts'
import type { PlannedPlay, PlanRecorder } from './recorder.ts'

const again = 'make a new plan'

/**
 * Keeps to a saved plan (`--plan`): applies what it contains and no more. A host that has moved
 * since is refused. What was unknown when the plan was made is not done, nor what comes after it on
 * that host: later plays leave it out.
 */
export class PlanEnforcer implements PlanRecorder {
  readonly #file: string
  readonly #plan: SavedPlan
  readonly #fingerprint: Fingerprint
  readonly #check: boolean
  readonly #changed = new Set<string>()
  readonly #short = new Set<string>()
  readonly #moved = new Set<string>()
  #play = -1
  /** `check`: it is only looked whether it would hold. */
  constructor(file: string, plan: SavedPlan, fingerprint: Fingerprint, check: boolean) {
    this.#file = file
    this.#check = check
    this.#plan = plan
    this.#fingerprint = fingerprint
  }

  begin({ name, hosts }: PlannedPlay): void {
    const play = this.#plan.plays[++this.#play]
    const no = (message: string): InputError =>
      new InputError({
        place: `--plan ${this.#file}`,
        message,
        next: `What the playbook lists has changed: ${again}.`,
      })
    const plays = formatCount(this.#plan.plays.length, 'play')
    if (!play) throw no(`it has ${plays}, and the playbook goes on with ${name}`)
    if (play.name !== name)
      throw no(`its play ${this.#play + 1} is ${play.name}, and the playbook's is ${name}`)
    for (const [host, ids] of hosts) {
      const planned = play.hosts[host]?.map(({ id }) => id)
      const other = planned && findListDifference(planned, ids)
      if (other) throw no(`the list of ${host} in ${name} is another than planned: ${other}`)
    }
  }

  explainBar(host: string): string | null {
    return this.#of(host) ? null : 'it was not read when the plan was made'
  }

  getOptions(host: string): { readonly guard: PlanGuard } {
    const planned = this.#of(host) ?? []
    const barred = new Map<number, string>()
    const findMoved = (all: readonly Slot[]): Trouble | null => {
      const found = planned.flatMap((one, id) =>
        listMoves(one, all[id] as Slot, this.#fingerprint, id),
      )
      if (!this.#changed.has(host)) return this.#refused(host, refuseMoved(found, all))
      for (const { id } of found)
        barred.set(id, `what an earlier play changed has moved it: ${again} for it`)
      return null
    }
    return { guard: { findMoved, blocks: id => barred.get(id) ?? explainBlock(planned[id]) } }
  }

  takeResult(host: string, { outcomes }: ConvergeResult): boolean {
    if (outcomes.some(({ is }) => is === 'changed')) this.#changed.add(host)
    const short = outcomes.some(({ is }) => is === 'unknown')
    if (short) this.#short.add(host)
    return short
  }

  end(): string {
    const plan = `the plan ${this.#file}`
    if (this.#moved.size > 0)
      return `${plan} does not hold for ${[...this.#moved].join(', ')}: ${again}`
    if (this.#short.size > 0)
      return (
        `${plan} goes no further on ${[...this.#short].join(', ')}, ` +
        `where something was unknown: ${again} for the rest`
      )
    return `${plan} ${this.#check ? 'still holds' : 'was carried out'}`
  }

  #refused(host: string, trouble: Trouble | null): Trouble | null {
    if (trouble) this.#moved.add(host)
    return trouble
  }

  #of(host: string): readonly Planned[] | undefined {
    return this.#plan.plays[this.#play]?.hosts[host]
  }
}

const explainBlock = (planned: Planned | undefined): string | null => {
  if (planned?.does === 'change') return null
  return planned?.does === 'unknown'
    ? `unknown when the plan was made: ${planned.why}`
    : 'not in the plan: it was as wanted when that was made'
}

type Moved = { readonly id: number; readonly how: string }

/**
 * How an operation is not as the plan was made from. What was unknown is not done anyway; what was
 * as wanted may move as long as it stays so.
 */
const listMoves = (planned: Planned, slot: Slot, fingerprint: Fingerprint, id: number): Moved[] => {
  if (planned.does === 'unknown') return []
  if (planned.does === 'nothing')
    return slot.plan === null ? [] : [{ id, how: 'is not as wanted any more' }]
  if (fingerprintState(fingerprint, slot.output as Output) !== planned.state)
    return [{ id, how: 'has moved' }]
  return isChange(slot.plan) && matchesPlan(fingerprint, slot, planned.change)
    ? []
    : [{ id, how: 'would be changed in another way than planned' }]
}

const refuseMoved = (found: readonly Moved[], all: readonly Slot[]): Trouble | null => {
  const [first] = found
  if (!first) return null
  const names = found.map(({ id, how }) => `${(all[id] as Slot).op.id} ${how}`)
  const message = `refused: since the plan was made, ${names.join('; ')}`
  return { id: first.id, failure: { message, next: `See what happened there, and ${again}.` } }
}

/** The first thing that two lists do not share; null where they are the same. */
const findListDifference = (planned: readonly string[], now: readonly string[]): string | null => {
  const gone = planned.find(id => !now.includes(id))
  const come = now.find(id => !planned.includes(id))
  if (gone !== undefined) return `${gone} is not listed any more`
  if (come !== undefined) return `${come} was not listed then`
  return planned.join('\n') === now.join('\n') ? null : 'the order is another'
}
