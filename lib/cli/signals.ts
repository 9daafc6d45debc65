/**
 * What a person may ask for in the middle of a run: the first Ctrl-C lets the running change end,
 * the second ends it.
 */
export type Interrupts = {
  readonly requested: boolean
  /** As a signal of that name, though nobody sent one. */
  readonly press: (name: string) => void
  /** Stops listening: a further signal has its ordinary effect. */
  readonly release: () => void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Milliseconds within which signals count as one: the terminal sends ^C to npx and to us, and where
 * sh is bash npx passes its own on to us.
 */
const ONE_PRESS = 400

/**
 * Listens to SIGINT, SIGTERM and SIGHUP. `first` and `second` are called once each; what follows
 * has no effect. `now` is the time in milliseconds.
 */
export const listenForInterrupts = (
  first: (signal: string) => void,
  second: () => void,
  now: () => number = () => performance.now(),
): Interrupts => {
  let times = 0
  let last = Number.NEGATIVE_INFINITY
  const on = (signal: string): void => {
    const since = now() - last
    last = now()
    if (since < ONE_PRESS) return
    times++
    if (times === 1) first(signal)
    if (times === 2) second()
  }
  for (const signal of SIGNALS) process.on(signal, on)
  return {
    press: on,
    get requested() {
      return times > 0
    },
    release: () => {
      for (const signal of SIGNALS) process.off(signal, on)
    },
  }
}
