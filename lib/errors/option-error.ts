import { InputError } from './input-error.ts'

/**
 * An option of an operation that it cannot work with. Throw it in `check` or `want`: `operation()`
 * adds the operation as the place, and the play adds the hosts.
 */
export class OptionError extends InputError {}
