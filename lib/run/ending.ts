import { HostsFailed } from '../errors/script-error.ts'
import type { HostResult } from '../events.ts'
import { Unreachable } from '../transport/connection.ts'
import { BecomeError } from '../transport/ssh/sudo.ts'
import { CommandError } from './remote/output.ts'
import { NotInTime } from './wait-until.ts'

type End = {
  readonly threw: boolean
  readonly results: readonly { readonly result: HostResult; readonly outcomes: [] }[]
}

/** What a script ended with, as what a host did, or as a fault of the script itself (`threw`). */
export const endOf = (error: unknown): End => {
  const of = (result: HostResult): End => ({ threw: false, results: [{ result, outcomes: [] }] })
  if (error === undefined || error instanceof HostsFailed) return { threw: false, results: [] }
  if (error instanceof Unreachable) return of('unreachable')
  const ofHost =
    error instanceof CommandError || error instanceof BecomeError || error instanceof NotInTime
  return ofHost ? of('failed') : { threw: true, results: [] }
}
