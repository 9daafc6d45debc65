import { inspect } from 'node:util'

/** One thing that is wrong with what the user gave us. */
export interface Problem {
  /** Where it is written: `hosts.yaml:12:5`, `-e`, `lab`. */
  place?: string | undefined
  /** What is wrong, in a few words. */
  message: string
  /** What to type or change next. */
  next?: string | undefined
}

/**
 * Bad usage or input: nothing was touched, no connection was made. Programs end with exit code 1.
 */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly problems: readonly Problem[]

  constructor(problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem]
    super(list.map(formatProblem).join('\n'), options)
    this.problems = list
  }
  /** A script that it ends prints its message and nothing else. */
  [inspect.custom](): string {
    return this.message
  }
}

/** A problem as one line a person reads (two, when it says what to do next). */
export const formatProblem = ({ place, message, next }: Problem) =>
  (place ? `${place}: ` : '') + message + (next ? `\n  ${next}` : '')
