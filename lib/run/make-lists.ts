import { InputError, type Problem } from '../errors/input-error.ts'
import { OptionError } from '../errors/option-error.ts'

/** How many of the hosts that have the same problem are named. */
const SHOWN = 3

type Found = { readonly problem: Problem; readonly hosts: string[] }

/**
 * Makes something for each host. Bad input of all hosts is one InputError: a problem that several
 * of them have is named once, with those hosts. Any other error ends it.
 */
export const makeForHosts = <Host extends { readonly name: string }, T>(
  hosts: readonly Host[],
  make: (host: Host) => T,
): T[] => {
  const found = new Map<string, Found>()
  const made: T[] = []
  for (const host of hosts) {
    try {
      made.push(make(host))
    } catch (error) {
      if (!(error instanceof InputError)) throw found.size > 0 ? joinFound(found) : error
      for (const problem of error.problems) {
        const own = error instanceof OptionError
        const key = JSON.stringify([own, problem.place, problem.message])
        const known = found.get(key)
        if (known) known.hosts.push(host.name)
        else found.set(key, { problem, hosts: own ? [host.name] : [] })
      }
    }
  }
  if (found.size > 0) throw joinFound(found)
  return made
}

const joinFound = (found: ReadonlyMap<string, Found>): InputError =>
  new InputError([...found.values()].map(addHosts))

/** Puts the hosts in front of the place. */
const addHosts = ({ problem, hosts }: Found): Problem => {
  if (hosts.length === 0) return problem
  const more = hosts.length - SHOWN
  const names = hosts.slice(0, SHOWN).join(', ')
  const who = more > 0 ? `${names} and ${more} more hosts` : names
  return { ...problem, place: problem.place === undefined ? who : `${who}: ${problem.place}` }
}
