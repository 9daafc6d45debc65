import { OptionError } from '../errors/option-error.ts'
import type { PlayEntry } from './play-entries.ts'

/**
 * Throws an OptionError for an operation whose option (`restartOn`) names one that is not listed
 * before it: its changes would never be seen. `before`: keys of earlier plays on the host.
 */
export const checkFollowed = (entries: readonly PlayEntry[], before: ReadonlySet<string>): void => {
  const all = new Set(entries.map(({ op }) => op.key))
  const listed = new Set(before)
  const problems = entries.flatMap(({ op }) => {
    const unseen = (op.follows ?? []).filter(({ operation }) => !listed.has(operation.key))
    listed.add(op.key)
    return unseen.map(({ option, operation }) => ({
      place: op.id,
      message: all.has(operation.key)
        ? `${option} names ${operation.id}, which is listed after it`
        : `${option} names ${operation.id}, which is not listed`,
      next: 'list that operation before this one',
    }))
  })
  if (problems.length > 0) throw new OptionError(problems)
}
