import { InputError } from '../errors/input-error.ts'
import type { Listed } from '../events.ts'
import type { Operation } from '../operation.ts'
import { type OperationList, readLists } from './operation-list.ts'

/** One operation of a play, and the role that listed it. */
export type PlayEntry = {
  readonly role: string
  readonly op: Operation
  /** Its number on this host, counted over all plays of the run. */
  readonly number: number
  readonly selected: boolean
  /** Why it is not selected. Default: its tags are not. */
  readonly why?: string
}

/**
 * Lists the entries of a host, numbered from `first`. `name` is the role of a list without roles.
 * Two operations of one kind and name are an InputError, and so is anything but a list.
 */
export const listEntries = (
  host: string,
  list: OperationList,
  name: string,
  selects: (role: string, op: Operation) => boolean,
  first = 0,
): PlayEntry[] => {
  const entries = readLists(host, list, name)
    .flatMap(([role, ops]) => ops.map(op => ({ role, op, selected: selects(role, op) })))
    .map((entry, place) => ({ ...entry, number: first + place }))
  const roles = new Map<string, string>()
  for (const { role, op } of entries) {
    const other = roles.get(op.key)
    if (other !== undefined)
      throw new InputError({
        place: host,
        message: `"${op.key}" is listed twice: by ${other} and by ${role}`,
        next: 'remove one of the two',
      })
    roles.set(op.key, role)
  }
  return entries
}

/** Converts an entry to what the report shows of it. */
export const toListed = ({ role, op }: PlayEntry): Listed => ({
  kind: op.kind,
  name: op.name,
  role,
  tags: op.tags,
})
