/** What will happen, and when: a heap by time; what is due at one time happens in its order. */
export class Agenda {
  readonly #heap: Entry[] = []
  #count = 0
  /** Virtual milliseconds. */
  now = 0

  /** Does the work so many milliseconds from now. The entry that is returned can be cancelled. */
  after(ms: number, work: () => void, reachesEngine = false): Entry {
    const entry = { at: this.now + Math.max(0, ms), order: this.#count++, work, reachesEngine }
    this.#push(entry)
    return entry
  }

  get size(): number {
    return this.#heap.length
  }

  /** Takes the next entry; null if there is none. The time is then its time. */
  take(): Entry | null {
    for (;;) {
      const [first] = this.#heap
      if (!first) return null
      const last = this.#heap.pop() as Entry
      if (this.#heap.length > 0) {
        this.#heap[0] = last
        this.#sink(0)
      }
      if (first.work === null) continue
      this.now = Math.max(this.now, first.at)
      return first
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(entry, heap[parent] as Entry)) break
      heap[at] = heap[parent] as Entry
      at = parent
    }
    heap[at] = entry
  }

  #sink(from: number): void {
    const heap = this.#heap
    const entry = heap[from] as Entry
    for (let at = from; ; ) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry))
        child++
      if (!isBefore(heap[child] as Entry, entry)) break
      heap[at] = heap[child] as Entry
      heap[child] = entry
      at = child
    }
  }
}

export type Entry = {
  readonly at: number
  readonly order: number
  /** Null once it was cancelled. */
  work: (() => void) | null
  /** The engine may have something to do afterwards. */
  readonly reachesEngine: boolean
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)
