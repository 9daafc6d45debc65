/** How a role is made: a function from typed options to operations, whose options are checked. */
import { OptionError } from './errors/option-error.ts'
import { openDescribed } from './operation/described.ts'
import { findFaults } from './operation/fault.ts'
import { addPlace } from './operation/options.ts'

/** A role: a function from its options to lists of operations. */
export type Role<Name extends string, Options, Made> = (Record<never, never> extends Options
  ? (options?: Options) => Made
  : (options: Options) => Made) & {
  /** The name that errors say. */
  readonly role: Name
}

/**
 * Makes a role of a function. Its options are checked when a playbook runs, as those of operations
 * are: by the type of the function's parameter, which `npx zx scripts/docs.ts` describes in
 * options.json in the folder of the role's file. A role that is not described there is not checked.
 */
export const role = <const Name extends string, Options extends object, Made>(
  { url }: { readonly url: string },
  name: Name,
  make: (options: Options) => Made,
): Role<Name, Options, Made> => {
  const find = openDescribed(new URL('options.json', url))
  const call = (options = {} as Options): Made =>
    addPlace(
      name,
      {},
      () => {
        const check = find('roles', name)
        const faults = check ? findFaults(check, options) : []
        if (faults.length === 0) return make(options)
        throw new OptionError(
          faults.map(({ message, next }) => ({ message, next: adviseNew(message, next) })),
        )
      },
      // What its list would be, until all that is wrong in the whole list is known.
      () => [] as Made,
    )
  return Object.assign(call, { role: name }) as unknown as Role<Name, Options, Made>
}

/** An option that resembles no other may be one that its author has just added. */
const adviseNew = (message: string, next: string | undefined): string | undefined =>
  /^there is no option [^;]*$/.test(message)
    ? `${next}; if it is new in the role's type: npx zx scripts/docs.ts`
    : next
