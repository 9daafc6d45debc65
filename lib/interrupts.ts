/** What a person may ask for in the middle of a run: the first Ctrl-C lets the running change end, the second ends it. */
export type Interrupts = {
  readonly requested: boolean
  /** Stops listening: a further signal has its ordinary effect. */
  readonly release: () => void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Listens to SIGINT, SIGTERM and SIGHUP. `first` and `second` are called once each; what follows has no effect. */
export const interrupts = (first: (signal: string) => void, second: () => void): Interrupts => {
  let times = 0
  const on = (signal: string): void => {
    times++
    if (times === 1) first(signal)
    if (times === 2) second()
  }
  for (const signal of SIGNALS) process.on(signal, on)
  return {
    get requested() {
      return times > 0
    },
    release: () => {
      for (const signal of SIGNALS) process.off(signal, on)
    },
  }
}
