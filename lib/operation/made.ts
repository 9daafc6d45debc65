/** What is done to an operation after it is made: generic, since lib/operation.ts has the types. */
import { sh } from '../sh.ts'
import { isOperationValue } from './describe.ts'

/** An operation that another one's option names. */
export type Followed<Op> = { readonly option: string; readonly operation: Op }

type Part<Op> = {
  readonly name: string
  readonly tags: readonly string[]
  readonly follows?: readonly Followed<Op>[]
}

const changeEach = <Op extends Part<Op>>(
  made: Op | readonly Op[],
  edit: (one: Op) => Op,
): Op | readonly Op[] => ('decide' in made ? edit(made as Op) : (made as readonly Op[]).map(edit))

/** One operation gets the kind that it is derived under; those of a list keep their own. */
export const renameKind = <Op extends Part<Op>>(
  kind: string,
  made: Op | readonly Op[],
): Op | readonly Op[] =>
  'decide' in made ? { ...(made as Op), kind, id: `${kind} ${(made as Op).name}` } : made

/** Adds the tags that the parts of a derived operation were not given. */
export const addTags = <Op extends Part<Op>>(
  made: Op | readonly Op[],
  tags: readonly string[],
): Op | readonly Op[] =>
  changeEach(made, one =>
    tags.every(tag => one.tags.includes(tag))
      ? one
      : { ...one, tags: [...new Set([...one.tags, ...tags])] },
  )

/** Adds the operations that the options name. */
export const addFollowed = <Op extends Part<Op>>(
  made: Op | readonly Op[],
  options: object,
): Op | readonly Op[] => {
  const followed = Object.entries(options).flatMap(([option, value]) =>
    [value].flat().flatMap(one => (isOperationValue(one) ? [{ option, operation: one }] : [])),
  ) as unknown as readonly Followed<Op>[]
  return followed.length === 0
    ? made
    : changeEach(made, one => ({ ...one, follows: [...(one.follows ?? []), ...followed] }))
}

/** The options without those that are undefined: they count as not given. */
export const dropUndefined = (options: object): object =>
  Object.values(options).includes(undefined)
    ? Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
    : options

/** What takes the place of a bad operation, or of a list of them, until the list is complete. */
export const makeStandIn = (kind: string, name: string): unknown => {
  const id = `${kind} ${name}`
  const one = { kind, name, id, key: id, tags: [], paths: [], provides: [], probeSeconds: 0 }
  const standIn = { ...one, probe: sh``, decide: () => null }
  return Object.assign(standIn, { [Symbol.iterator]: () => [standIn].values() })
}
