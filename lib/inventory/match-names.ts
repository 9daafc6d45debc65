import { type Context, createContext, runInContext } from 'node:vm'
import { InputError } from '../errors/input-error.ts'

/** Milliseconds that an operator's expression may take for all names. */
const MOST_TIME = 1000

/** Where expressions run: only what runs in a context can be ended. One costs milliseconds. */
let context: Context | undefined

/**
 * Returns the names that an expression of the operator's matches. One that takes exponential time
 * is an InputError after a second: `place` names it.
 */
export const matchNames = (
  expression: RegExp,
  names: readonly string[],
  place: string,
): ReadonlySet<string> => {
  try {
    context ??= createContext({})
    Object.assign(context, { names, expression })
    const found: string[] = runInContext('names.filter(name => expression.test(name))', context, {
      timeout: MOST_TIME,
    })
    return new Set(found)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw cause
    throw new InputError(
      {
        place,
        message: 'takes too long: it tries too many ways to match one name',
        next: 'Write it without a repetition inside a repetition, such as (a+)+.',
      },
      { cause },
    )
  }
}
