import pLimit from 'p-limit'
import type { EnvironmentNight } from './night.ts'
import { makeUnverified } from './verify-environment.ts'

/** An environment, and how it is verified. */
export type Verification = {
  readonly environment: string
  readonly cluster: string
  readonly verify: () => Promise<EnvironmentNight>
}

/**
 * Verifies several environments, `parallel` at a time; the results are in the order given. One that
 * throws is COULD NOT VERIFY with what it threw, and does not end the others.
 */
export const verifyEnvironments = async (
  all: readonly Verification[],
  parallel: number,
): Promise<EnvironmentNight[]> => {
  const turn = pLimit(parallel)
  const verifyOne = async (one: Verification): Promise<EnvironmentNight> => {
    try {
      return await one.verify()
    } catch (error) {
      return makeUnverified(one, error instanceof Error ? error.message : String(error))
    }
  }
  return await Promise.all(all.map(one => turn(() => verifyOne(one))))
}
