import { readFileSync } from 'node:fs'
import { InputError } from '../../errors/input-error.ts'
import { formatSuggestion } from '../../errors/suggest.ts'

type Make = (...args: never[]) => unknown

/**
 * The same operation, but that an option it does not know is an InputError: nothing looks at types
 * when a playbook runs, and a misspelt `mode` would be no mode. What is undefined is not given.
 * `name` is how a playbook calls it.
 */
export const taking = <F extends Make>(name: string, make: F): F =>
  ((want: unknown, ...rest: readonly unknown[]) => {
    refuseUnknown(name, want)
    return (make as unknown as (...args: readonly unknown[]) => unknown)(want, ...rest)
  }) as unknown as F

/** The same for operations that are called by a name in front: `apt.packages`. */
export const allTaking = <T extends Readonly<Record<string, Make>>>(name: string, all: T): T =>
  Object.fromEntries(
    Object.entries(all).map(([key, make]) => [key, taking(`${name}.${key}`, make)]),
  ) as T

/**
 * Names of the options of each operation, as scripts/docs.ts read them from their types; `npm run
 * check` says when that is due.
 */
let known: Readonly<Record<string, readonly string[]>> | null = null

const refuseUnknown = (name: string, want: unknown): void => {
  if (typeof want !== 'object' || want === null) return
  known ??= JSON.parse(
    readFileSync(new URL('../options.json', import.meta.url), 'utf8'),
  ) as NonNullable<typeof known>
  const options = known[name]
  if (!options) return // a new operation, of which the file does not know yet
  const wrong = Object.entries(want).filter(
    ([option, value]) => value !== undefined && !options.includes(option),
  )
  if (wrong.length === 0) return
  const { path, name: called } = want as { readonly path?: unknown; readonly name?: unknown }
  const which = [path, called].find(one => typeof one === 'string')
  throw new InputError(
    wrong.map(([option]) => ({
      place: which === undefined ? name : `${name} ${which}`,
      message: `there is no option ${option}${formatSuggestion(option, options)}`,
      next: `it takes ${options.join(', ')}`,
    })),
  )
}
