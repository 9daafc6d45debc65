import { InputError } from '../errors/input-error.ts'
import type { Operation } from '../operation.ts'

/**
 * What a playbook wants of a host: a list of its own, or lists under the names of their roles, in
 * order.
 */
export type Wanted = readonly Operation[] | { readonly [role: string]: readonly Operation[] }

/**
 * The lists by their roles, a list without roles under `name`. What is no list of operations (a
 * promise, a list in a list, undefined) is an InputError that
 * says where it stands: types are not looked at when a playbook runs, and nothing of it would be
 * played.
 */
export const listsOf = (
  host: string,
  wanted: Wanted,
  name: string,
): (readonly [role: string, ops: readonly Operation[]])[] => {
  if (wanted instanceof Promise) {
    wanted.catch(() => {}) // its own failure says nothing that this does not
    throw wrong(
      host,
      'its list is a promise',
      'the function that makes a list may not be async: await what it needs before the play',
    )
  }
  if (typeof wanted !== 'object' || wanted === null)
    throw wrong(
      host,
      `its list is ${kindOf(wanted)}`,
      'the function that makes a list has to return it',
    )
  const lists = Array.isArray(wanted)
    ? [[name, wanted as readonly Operation[]] as const]
    : Object.entries(wanted)
  for (const [role, ops] of lists) looked(host, role, ops)
  return lists
}

const looked = (host: string, role: string, ops: unknown): void => {
  if (!Array.isArray(ops))
    throw wrong(host, `${role} is ${kindOf(ops)}`, 'a list of operations is expected')
  for (const [i, op] of ops.entries()) {
    const place = `entry ${i + 1} of ${role}`
    if (Array.isArray(op)) throw wrong(host, `${place} is a list`, 'spread it: ...timer({ … })')
    if (!isOperation(op))
      throw wrong(
        host,
        `${place} is ${kindOf(op)}`,
        'an operation is expected; for one that is not always wanted: ...(when ? [file({ … })] : [])',
      )
  }
}

const wrong = (host: string, message: string, next: string): InputError =>
  new InputError({ place: host, message, next })
const isPromise = (value: unknown): boolean => value instanceof Promise
const isOperation = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'decide' in value && 'probe' in value

const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (isPromise(value)) return 'a promise'
  return isOperation(value) ? 'an operation' : `a ${typeof value}`
}
