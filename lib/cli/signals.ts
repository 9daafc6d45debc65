/** Ctrl-C in the middle of a run: the first lets the running change end, the second kills it. */
export type Interrupts = {
  readonly requested: boolean
  /** How often it was pressed. */
  readonly times: number
  /** Acts as if a signal of that name had arrived. */
  readonly press: (name: string) => void
  /** Stops listening: another signal has its usual effect. */
  readonly release: () => void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Milliseconds in which several signals count as one: the terminal sends Ctrl-C to npx and to this
 * process, and npx passes its own on if sh is bash.
 */
const ONE_PRESS = 400

/**
 * Listens for SIGINT, SIGTERM and SIGHUP. Calls `first` and `second` once each, and ignores further
 * signals. `now` returns the time in milliseconds.
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
    get times() {
      return times
    },
    release: () => {
      for (const signal of SIGNALS) process.off(signal, on)
    },
  }
}
