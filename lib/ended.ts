import { inspect } from 'node:util'
import { InputError } from './input-error.ts'

/** What ended a script between two plays. It prints as its message: zx shows what a script throws. */
export class Ended extends Error {
  [inspect.custom](): string {
    return this.message
  }
}

/** Bad input as its own calm text instead of a stack. */
export const calm = (error: unknown): unknown => (error instanceof InputError ? new Ended(error.message) : error)
