import { InputError } from '../errors/input-error.ts'
import type { Declaration } from '../settings.ts'
import type { Subject } from './inventory.ts'
import { sortProblems } from './load.ts'

/**
 * Throws one InputError with everything that these roles require and that is not set for these
 * hosts, clusters or environments. A playbook calls it before it plays the roles.
 */
export const requireSettings = (
  subjects: readonly Subject[],
  roles: readonly Declaration[],
): void => {
  const problems = sortProblems(subjects.flatMap(subject => subject.findMissing(roles)))
  if (problems.length > 0) throw new InputError(problems)
}
