import { createRequire, syncBuiltinESMExports } from 'node:module'
import { Agenda, type Entry } from './host/agenda.ts'

const require = createRequire(import.meta.url)
const timers = require('node:timers/promises') as { setTimeout: unknown }
const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
  sleep: timers.setTimeout,
  now: performance.now,
}

/** Nothing is left to happen, and what was awaited has not come: the engine waits for ever. */
export class Deadlock extends Error {
  constructor() {
    super('nothing is left to happen, and the engine still waits')
  }
}

/**
 * Does the work in virtual time: the engine's timers and clocks are those of the agenda, and what
 * is due happens at once. Only one simulation at a time may do so.
 */
export const inVirtualTime = async <T>(
  work: (agenda: Agenda) => Promise<T>,
  check: () => void = () => {},
): Promise<T> => {
  const agenda = new Agenda()
  install(agenda)
  try {
    let ended = false
    const result = work(agenda).finally(() => {
      ended = true
    })
    result.catch(() => {}) // awaited below
    await settle()
    while (!ended) {
      const entry = agenda.take()
      if (!entry) throw new Deadlock()
      const { work: due } = entry
      entry.work = null
      due?.()
      check()
      if (entry.reachesEngine) await settle()
    }
    return await result
  } finally {
    restore()
  }
}

/** Lets the engine do all that it can do without time passing. */
const settle = (): Promise<void> => new Promise(resolve => real.setImmediate(resolve))

/** Waits so many virtual milliseconds. */
export const pass = (agenda: Agenda, ms: number): Promise<void> =>
  new Promise(resolve => agenda.after(ms, resolve, true))

const install = (agenda: Agenda): void => {
  const begin = (work: (...given: unknown[]) => void, ms = 0, ...given: unknown[]): Timer =>
    new Timer(agenda.after(Math.max(1, ms), () => work(...given), true))
  const sleep = (
    ms: number,
    value?: unknown,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        entry.work = null
        reject(signal?.reason)
      }
      const entry = agenda.after(
        Math.max(1, ms),
        () => {
          signal?.removeEventListener('abort', stop)
          resolve(value)
        },
        true,
      )
      if (signal?.aborted) stop()
      else signal?.addEventListener('abort', stop, { once: true })
    })
  Object.assign(globalThis, {
    setTimeout: begin,
    clearTimeout: (timer: Timer | undefined) => timer?.clear(),
  })
  performance.now = () => agenda.now
  timers.setTimeout = sleep
  syncBuiltinESMExports()
}

const restore = (): void => {
  globalThis.setTimeout = real.setTimeout
  globalThis.clearTimeout = real.clearTimeout
  performance.now = real.now
  timers.setTimeout = real.sleep
  syncBuiltinESMExports()
}

class Timer {
  readonly #entry: Entry
  constructor(entry: Entry) {
    this.#entry = entry
  }
  clear(): void {
    this.#entry.work = null
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}
