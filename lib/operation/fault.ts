import { Deferred } from '../deferred.ts'
import { Secret } from '../secret.ts'
import { Sh } from '../sh.ts'
import { isOperationValue } from './describe.ts'

/** Something that is wrong with a value. */
export type Fault = {
  /** Its place in the options: `users[1].state`. Empty: the options themselves. */
  readonly at: string
  readonly message: string
  readonly next?: string | undefined
}

/** The check of a type: quick, and with reasons for a value that it does not accept. */
export type Check = {
  readonly accepts: (value: unknown) => boolean
  /** What is wrong with a value that is not accepted, at a place. */
  readonly explain: (value: unknown, at: string) => readonly Fault[]
}

/** Finds what is wrong with a value at a place. */
export const findFaults = (
  { accepts, explain }: Check,
  value: unknown,
  at = '',
): readonly Fault[] => (accepts(value) ? [] : explain(value, at))

export const makeFault = (at: string, message: string, next?: string): Fault => ({
  at,
  message: at === '' ? message : `${at}: ${message}`,
  next,
})

/** The place of a named value: `deploy.replicas`, `environment["A B"]`. */
export const joinPath = (at: string, name: string): string =>
  /^[\w$-]+$/.test(name)
    ? at === ''
      ? name
      : `${at}.${name}`
    : `${at}[${JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)}]`

/** True for an object whose keys are its content. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !isOperationValue(value) &&
  !classes.some(one => value instanceof one)

const classes = [
  ...[Secret, Sh, Deferred, Promise, Date, RegExp, URL, Map, Set, Error],
  ArrayBuffer,
  Uint8Array,
]
