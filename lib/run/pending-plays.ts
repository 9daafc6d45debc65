import { InputError } from '../errors/input-error.ts'
import type { PlayedHosts } from './options.ts'

/** The plays of a run that have not ended. */
export class PendingPlays {
  readonly #all = new Map<Promise<PlayedHosts>, string>()

  /** Adds a play and returns its promise as the script gets it. */
  add(playing: Promise<PlayedHosts>, name: string): Promise<PlayedHosts> {
    const handed = playing.then(played => played)
    const remove = () => void this.#all.delete(handed)
    this.#all.set(handed, name)
    playing.then(remove, remove)
    return handed
  }

  /**
   * Waits for plays that the script did not await, so that no host is left in the middle of a
   * change. Returns the error that names them, or undefined without any.
   */
  async end(): Promise<InputError | undefined> {
    if (this.#all.size === 0) return undefined
    const names = [...this.#all.values()]
    await Promise.allSettled(this.#all.keys())
    return new InputError({
      place: names.join(', '),
      message: 'the script was over before this play was',
      next: 'Write await before run.play(…): it gives a promise.',
    })
  }
}
