import { readFileSync } from 'node:fs'
import { InputError, type Problem } from '../errors/input-error.ts'
import { OptionError } from '../errors/option-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'

/** For each option of an operation: the words that it may be, or true for any other value. */
type KnownOptions = Readonly<Record<string, readonly string[] | true>>

/** As scripts/docs.ts reads them from the types; a new operation may be missing. */
let known: Readonly<Record<string, KnownOptions>> | null = null

/**
 * Throws an OptionError for an option that the operation does not know, since a misspelt `mode`
 * would otherwise be ignored, and for a word that is not a value of its option. An undefined option
 * counts as not given.
 */
export const checkOptions = (kind: string, given: object): void => {
  known ??= JSON.parse(
    readFileSync(new URL('../operations/options.json', import.meta.url), 'utf8'),
  ) as NonNullable<typeof known>
  const options = known[kind]
  if (!options) return
  const problems = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .flatMap(([option, value]) => checkOption(option, value, options))
  if (problems.length > 0) throw new OptionError(problems)
}

const checkOption = (option: string, value: unknown, options: KnownOptions): Problem[] => {
  const names = Object.keys(options)
  const words = Object.hasOwn(options, option) ? options[option] : undefined
  if (words === undefined)
    return [
      {
        message: `there is no option ${option}${formatSuggestion(option, names)}`,
        next: `it takes ${names.join(', ')}`,
      },
    ]
  if (words === true || (typeof value === 'string' && words.includes(value))) return []
  const near = typeof value === 'string' ? formatSuggestion(value, words) : ''
  return [
    {
      message: `${option}: ${JSON.stringify(value)} is not possible${near}`,
      next: `it is one of ${words.join(', ')}`,
    },
  ]
}

/**
 * Makes the operation. An InputError without a place gets that of the operation, `file /etc/motd`;
 * so does a file of the controller that cannot be read.
 */
export const addPlace = <T>(kind: string, options: object, make: () => T): T => {
  try {
    return make()
  } catch (error) {
    const problems = listProblems(error)
    if (problems === null) throw error
    const { path, name } = options as { readonly path?: unknown; readonly name?: unknown }
    const which = [path, name].find(one => typeof one === 'string')
    const place = which === undefined ? kind : `${kind} ${which}`
    throw new OptionError(
      problems.map(problem => ({ ...problem, place: problem.place ?? place })),
      { cause: error },
    )
  }
}

const listProblems = (error: unknown): readonly Problem[] | null => {
  if (error instanceof InputError) return error.problems
  if (!(error instanceof Error)) return null
  const { code, path } = error as NodeJS.ErrnoException
  return typeof code === 'string' && typeof path === 'string' ? [{ message: error.message }] : null
}
