import { AsyncLocalStorage } from 'node:async_hooks'
import { ScriptError } from '../errors/script-error.ts'

/** Something that is undone: what is begun inside it goes on after an interruption. */
type Undo = { readonly what: string; requested: boolean }

/** What the run has to do for an undo. */
export type UndoHost = {
  /** How often the run was interrupted. */
  readonly interruptions: () => number
  /** Makes the sessions usable again, also of hosts that failed. */
  readonly resume: () => Promise<void>
  /** Ends what runs on the hosts. */
  readonly kill: () => void
  readonly note: (text: string) => void
}

/**
 * The undos of a run. The asynchronous context distinguishes what a script begins while it undoes:
 * a function that it calls need not know. Work begun outside is waited for first.
 */
export class Undos {
  readonly #scope = new AsyncLocalStorage<Undo>()
  readonly #active = new Set<Undo>()
  readonly #work = new Set<Promise<unknown>>()
  readonly #host: UndoHost
  constructor(host: UndoHost) {
    this.#host = host
  }

  /** The undo that the caller is a part of, or null. `requested` ends it. */
  get current(): { readonly requested: boolean } | null {
    return this.#scope.getStore() ?? null
  }

  /** Whether something is undone just now. */
  get isActive(): boolean {
    return this.#active.size > 0
  }

  /** Follows work until its end, and returns it. */
  follow<T>(work: Promise<T>): Promise<T> {
    if (this.current) return work
    const ended = work.then(
      () => {},
      () => {},
    )
    this.#work.add(ended)
    void ended.then(() => this.#work.delete(ended))
    return work
  }

  /** Ends all of them: a second interruption. */
  stop(): void {
    for (const undo of this.#active) undo.requested = true
  }

  async run<T>(what: string, work: () => PromiseLike<T>, seconds: number): Promise<T> {
    if (this.current) return work() // a part of the undo that it is in
    const { interruptions, note, resume } = this.#host
    while (this.#work.size > 0) await Promise.all(this.#work)
    if (interruptions() > 1) {
      note(`${what}: not undone: the run was interrupted twice`)
      throw new ScriptError(`${what}: not undone: interrupted twice`)
    }
    const undo: Undo = { what, requested: false }
    this.#active.add(undo)
    const timer = setTimeout(() => this.#endLate(undo, seconds), seconds * 1000)
    try {
      await resume()
      note(`${what}: is being undone`)
      return await this.#scope.run(undo, work)
    } catch (error) {
      note(`${what}: not undone: ${error instanceof Error ? error.message : String(error)}`)
      throw error
    } finally {
      clearTimeout(timer)
      this.#active.delete(undo)
    }
  }

  #endLate(undo: Undo, seconds: number): void {
    undo.requested = true
    this.#host.note(`${undo.what}: not undone within ${seconds} s: ending what runs on the hosts`)
    this.#host.kill()
  }
}
