import { format, inspect } from 'node:util'
import { makeSafe, makeStyledSafe } from './sanitize.ts'

const methods = ['log', 'info', 'debug', 'warn', 'error', 'trace'] as const
let isGuarded = false

/**
 * From now on what a script prints with `console`, and the error that ends it, show no secret and
 * do not control the terminal. Colours stay. zx prints the error of a script with `console.error`,
 * node itself one that nobody catches.
 */
export const guardConsole = (): void => {
  if (isGuarded) return
  isGuarded = true
  for (const name of methods) {
    const original = console[name].bind(console)
    console[name] = (...words: readonly unknown[]) => original('%s', formatSafely(words))
  }
  process.on('uncaughtExceptionMonitor', error => hideInError(error))
  process.on('unhandledRejection', reason => {
    throw reason instanceof Error
      ? reason
      : new Error(`a promise was rejected that nobody awaits: ${makeSafe(format(reason))}`)
  })
}

const formatSafely = (words: readonly unknown[]): string => {
  const safe = words.map(word => (word instanceof Error ? makeSafe(inspect(word)) : word))
  return makeStyledSafe(format(...safe))
}

/** Makes the texts of an error safe in place: its message, its stack, its cause, what it holds. */
export const hideInError = (error: unknown, depth = 0): void => {
  if (typeof error !== 'object' || error === null || depth > 4) return
  for (const name of Reflect.ownKeys(error)) {
    const { value, configurable, writable } = Reflect.getOwnPropertyDescriptor(error, name) ?? {}
    if (typeof value === 'object') hideInError(value, depth + 1)
    if (typeof value !== 'string' || makeSafe(value) === value || !(configurable || writable))
      continue
    Reflect.defineProperty(error, name, { value: makeSafe(value), writable: true })
  }
}
