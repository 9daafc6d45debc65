import { InputError, type Problem } from './input-error.ts'

/**
 * An option of an operation that it cannot work with. Throw it in `check` or `want`: `operation()`
 * adds the operation as the place, and the play adds the hosts.
 */
export class OptionError extends InputError {}

/** Does the work; an OptionError that it ends with gets the host in front of its place. */
export const withHost = <T>(host: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    const placed = (problem: Problem) => ({
      ...problem,
      place: problem.place === undefined ? host : `${host}: ${problem.place}`,
    })
    throw new OptionError(error.problems.map(placed), { cause: error })
  }
}
