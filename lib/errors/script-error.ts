import { inspect } from 'node:util'
import { InputError } from './input-error.ts'

/**
 * What ended a script between two plays. It prints as its message: zx shows what a script throws.
 */
export class ScriptError extends Error {
  [inspect.custom](): string {
    return this.message
  }
}

/**
 * Hosts failed, and the script ended over it: the exit code is theirs, as if it had gone on to its
 * end.
 */
export class HostsFailed extends ScriptError {}

/** Bad input as its own calm text instead of a stack. */
export const toScriptError = (error: unknown): unknown =>
  error instanceof InputError ? new ScriptError(error.message) : error

/** Does the work; bad input ends the script with its own calm text. */
export const runWithScriptErrors = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw toScriptError(error)
  }
}
