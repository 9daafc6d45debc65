import { type Sh, sh } from '../sh.ts'
import type { Step } from '../transport/protocol/script.ts'
import type { Shell } from '../transport/root-shell.ts'
import { answerLogin, type LoginAnswer, type LoginWays } from './answer-login.ts'
import { isChange, type Slot } from './plan.ts'

/** Logs in anew while a change of one round trip that may lock this run out is being made. */
export class LoginProver {
  readonly #all: readonly Slot[]
  readonly #ways: LoginWays | undefined
  readonly #shell: Shell
  readonly #note: (text: string) => void
  #answer: LoginAnswer | null = null
  readonly #ending: Promise<void>[] = []

  constructor(
    all: readonly Slot[],
    ways: LoginWays | undefined,
    shell: Shell,
    note: (text: string) => void,
  ) {
    this.#all = all
    this.#ways = ways
    this.#shell = shell
    this.#note = note
  }

  /** Tells such a change that a new login comes: without one, it does not wait. */
  readonly announce = (step: Step): Step => {
    if (!this.#ways || !('change' in step) || !step.change.change.provenByLogin) return step
    const { id, change } = step.change
    return { change: { id, change: { ...change, apply: announceLogin(change.apply) } } }
  }

  start(id: number): void {
    const plan = this.#all[id]?.plan ?? null
    if (this.#ways && isChange(plan) && plan.provenByLogin)
      this.#answer = answerLogin(this.#ways, this.#shell.dir)
  }

  end(applied: boolean): void {
    const trouble = this.#answer?.trouble() ?? null
    if (this.#answer) this.#ending.push(this.#answer.end())
    this.#answer = null
    if (!applied && trouble !== null) this.#note(`a new login failed: ${trouble}`)
  }

  async close(): Promise<void> {
    this.end(true)
    await Promise.all(this.#ending)
  }
}

const announceLogin = (apply: Sh): Sh => sh`anew=yes
${apply}`
