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
  /** How long each stage took so far, in the order in which they began. */
  readonly stages: readonly { readonly name: Stage; readonly seconds: number }[]
  /** Does work of a stage, which counts for it whether it succeeds or not. */
  readonly time: <T>(stage: Stage, work: () => Promise<T>) => Promise<T>
}

/**
 * What the time of a verification is spent on. A check may have several of them: the contents of a
 * database are replayed and compared by turns.
 */
export type Stage = RestoreStage | 'compare' | 'query' | 'check' | 'restore files' | 'redis'

/** A stage that every restore of the database has: together they are its RTO. */
export type RestoreStage = (typeof RESTORE_STAGES)[number]

/** The stages of which a restore of the database consists. */
export const RESTORE_STAGES = ['fetch', 'start', 'fetch binary logs', 'replay'] as const

/** Begins a list of checks. `now` gives milliseconds. `tell` hears of each as it ends. */
export const beginChecks = (
  now: () => number = () => performance.now(),
  tell: (check: BackupCheck) => void = () => {},
): Checks => {
  const made: BackupCheck[] = []
  const spent = new Map<Stage, number>()
  const add = (check: BackupCheck): boolean => {
    made.push(check)
    tell(check)
    return check.is === 'passed'
  }
  return {
    made,
    add,
    get stages() {
      return [...spent].map(([name, ms]) => ({ name, seconds: Math.round(ms) / 1000 }))
    },
    time: async (stage, work) => {
      const began = now()
      spent.set(stage, spent.get(stage) ?? 0)
      try {
        return await work()
      } finally {
        spent.set(stage, (spent.get(stage) ?? 0) + now() - began)
      }
    },
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
