import { readFileSync } from 'node:fs'
import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'

/** The names of each operation's options, as scripts/docs.ts reads them from their types. */
let known: Readonly<Record<string, readonly string[]>> | null = null

/**
 * Throws an InputError for an option that the operation does not know: a misspelt `mode` would
 * otherwise be no mode. An option that is undefined counts as not given.
 */
export const checkOptions = (kind: string, given: object): void => {
  known ??= JSON.parse(
    readFileSync(new URL('../operations/options.json', import.meta.url), 'utf8'),
  ) as NonNullable<typeof known>
  const options = known[kind]
  if (!options) return // a new operation, which the file does not have yet
  const wrong = Object.entries(given).filter(
    ([option, value]) => value !== undefined && !options.includes(option),
  )
  if (wrong.length === 0) return
  throw new InputError(
    wrong.map(([option]) => ({
      message: `there is no option ${option}${formatSuggestion(option, options)}`,
      next: `it takes ${options.join(', ')}`,
    })),
  )
}

/** Runs it; an InputError without a place gets the operation's: `file /etc/motd`. */
export const placed = <T>(kind: string, options: object, make: () => T): T => {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const { path, name } = options as { readonly path?: unknown; readonly name?: unknown }
    const which = [path, name].find(one => typeof one === 'string')
    const place = which === undefined ? kind : `${kind} ${which}`
    throw new InputError(
      error.problems.map(problem => ({ ...problem, place: problem.place ?? place })),
      { cause: error },
    )
  }
}
