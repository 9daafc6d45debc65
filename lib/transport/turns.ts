/** A place in the queue for what only one may use at a time. */
export type Turn = {
  /** Resolves when it comes. Never rejects. */
  readonly begins: Promise<void>
  /** Whether it has come. */
  readonly begun: boolean
  /** Passes it on, or gives the place up. A second call does nothing. */
  readonly end: () => void
}

/** Gives turns one after another, in the order in which they were asked for. */
export class Turns {
  readonly #queue: { readonly begin: () => void }[] = []

  /** Asks for a turn. It must be ended in any case. */
  ask(): Turn {
    let [begun, ended] = [false, false]
    let resolve = (): void => {}
    const begins = new Promise<void>(settle => {
      resolve = settle
    })
    const place = {
      begin: () => {
        begun = true
        resolve()
      },
    }
    this.#queue.push(place)
    if (this.#queue[0] === place) place.begin()
    return {
      begins,
      get begun() {
        return begun
      },
      end: () => {
        if (ended) return
        ended = true
        this.#queue.splice(this.#queue.indexOf(place), 1)
        if (begun) this.#queue[0]?.begin()
        resolve()
      },
    }
  }

  /** Does the work when its turn comes. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.ask()
    await turn.begins
    try {
      return await work()
    } finally {
      turn.end()
    }
  }
}
