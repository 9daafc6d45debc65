import { InputError } from '../errors/input-error.ts'
import type { Played } from './options.ts'

/** The plays of a run that are still on their way. */
export class Unended {
  readonly #all = new Map<Promise<Played>, string>()

  /** The same play, as the script gets it: it is on its way until it has ended. */
  of(playing: Promise<Played>, name: string): Promise<Played> {
    const told = playing.then(played => played)
    const ended = () => void this.#all.delete(told)
    this.#all.set(told, name)
    playing.then(ended, ended)
    return told
  }

  /**
   * Waits for those that the script left behind, so that no host is left in the middle of a change:
   * what is wrong with the script, or undefined where there are none.
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
