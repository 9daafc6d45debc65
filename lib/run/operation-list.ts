import { InputError } from '../errors/input-error.ts'
import type { Operation } from '../operation.ts'

/** What a playbook wants of a host: one list, or lists under the names of their roles, in order. */
export type OperationList = readonly Operation[] | { readonly [role: string]: readonly Operation[] }

/** What the compiler says of anything else than a list. */
type Advice<List> =
  List extends Promise<unknown>
    ? 'the function that makes a list may not be async: await what it needs before the play'
    : List extends Operation
      ? 'a list is expected, not one operation: put it in brackets, [file({ … })]'
      : List extends readonly unknown[]
        ? Extract<List[number], readonly unknown[]> extends never
          ? 'an entry is not an operation; one that is not always wanted: ...(when ? [entry] : [])'
          : 'an entry is a list of operations: spread it, ...timer({ … })'
        : 'a list of operations is expected, or lists under the names of their roles'

/** The list itself; a sentence in place of the compiler's own words if it is not one. */
export type CheckedList<List> = List extends OperationList ? List : Advice<List>

/**
 * Reads the lists by their roles, a list without roles under `name`. Anything but a list of
 * operations (a promise, a list in a list, undefined) is an InputError that names its place: types
 * are not checked when a playbook runs, and nothing of it would be played.
 */
export const readLists = (
  host: string,
  list: OperationList,
  name: string,
): (readonly [role: string, ops: readonly Operation[]])[] => {
  if (list instanceof Promise) {
    list.catch(() => {}) // its own failure adds nothing to this error
    throw createError(
      host,
      'its list is a promise',
      'the function that makes a list may not be async: await what it needs before the play',
    )
  }
  if (typeof list !== 'object' || list === null)
    throw createError(
      host,
      `its list is ${describeKind(list)}`,
      'the function that makes a list has to return it',
    )
  if (isOperation(list))
    throw createError(host, 'its list is one operation', 'put it in brackets: [file({ … })]')
  const lists = Array.isArray(list)
    ? [[name, list as readonly Operation[]] as const]
    : Object.entries(list)
  for (const [role, ops] of lists) checkList(host, role, ops)
  return lists
}

const checkList = (host: string, role: string, ops: unknown): void => {
  if (!Array.isArray(ops))
    throw createError(host, `${role} is ${describeKind(ops)}`, 'a list of operations is expected')
  for (const [i, op] of ops.entries()) {
    const place = `entry ${i + 1} of ${role}`
    if (Array.isArray(op))
      throw createError(host, `${place} is a list`, 'spread it: ...timer({ … })')
    if (isPromise(op)) throw createError(host, `${place} is a promise`, 'await it before the play')
    if (!isOperation(op))
      throw createError(
        host,
        `${place} is ${describeKind(op)}`,
        'an operation is expected; for one that is not always wanted: ' +
          '...(when ? [file({ … })] : [])',
      )
  }
}

const createError = (host: string, message: string, next: string): InputError =>
  new InputError({ place: host, message, next })
const isPromise = (value: unknown): boolean => value instanceof Promise
const isOperation = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'decide' in value && 'probe' in value

const describeKind = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (isPromise(value)) return 'a promise'
  return isOperation(value) ? 'an operation' : `a ${typeof value}`
}
