import type { BackupCheck } from '../backups/verdict.ts'

/** What ends a check: the backup is at fault, or the check could not be made. */
export class Finding extends Error {
  override readonly name = 'Finding'
  readonly is: 'failed' | 'unverified'

  constructor(is: 'failed' | 'unverified', message: string, options?: ErrorOptions) {
    super(message, options)
    this.is = is
  }
}

/** The checks of one environment, in the order in which they were made. */
export type Checks = {
  readonly made: readonly BackupCheck[]
  /**
   * Makes a check: `look` returns what was found, or throws a Finding. Any other error means that
   * it could not be made. Returns whether it passed.
   */
  readonly make: (name: string, look: () => Promise<string> | string) => Promise<boolean>
  /** Adds a check that was made elsewhere. */
  readonly add: (check: BackupCheck) => boolean
}

/** Begins a list of checks. `now` gives milliseconds. `tell` hears of each as it ends. */
export const beginChecks = (
  now: () => number = () => performance.now(),
  tell: (check: BackupCheck) => void = () => {},
): Checks => {
  const made: BackupCheck[] = []
  const add = (check: BackupCheck): boolean => {
    made.push(check)
    tell(check)
    return check.is === 'passed'
  }
  return {
    made,
    add,
    make: async (name, look) => {
      const began = now()
      const seconds = (): number => Math.round(now() - began) / 1000
      try {
        return add({ name, is: 'passed', detail: await look(), seconds: seconds() })
      } catch (error) {
        return add({
          name,
          is: error instanceof Finding ? error.is : 'unverified',
          detail: error instanceof Error ? error.message : String(error),
          seconds: seconds(),
        })
      }
    },
  }
}
