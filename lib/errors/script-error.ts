import { inspect } from 'node:util'
import { InputError } from './input-error.ts'

/** An error that ends a script between two plays. zx prints it as its message, without a stack. */
export class ScriptError extends Error {
  [inspect.custom](): string {
    return this.message
  }
}

/** Hosts failed, and the script ended. The exit code is that of the hosts. */
export class HostsFailed extends ScriptError {}

/** Check mode cannot tell what follows: it depends on what was not done. No fault of anybody. */
export class CheckEnds extends ScriptError {}

/** Turns bad input into an error that prints as its message; other errors pass unchanged. */
export const toScriptError = (error: unknown): unknown =>
  error instanceof InputError ? new ScriptError(error.message) : error

/** Runs the work. Bad input in it ends the script with its message instead of a stack. */
export const runWithScriptErrors = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw toScriptError(error)
  }
}
