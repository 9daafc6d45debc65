import { readFileSync } from 'node:fs'
import { InputError, type Problem } from '../errors/input-error.ts'
import { OptionError } from '../errors/option-error.ts'
import { makeCheck } from './check-value.ts'
import { type Check, type Fault, findFaults } from './fault.ts'
import type { KnownValues, ValueType } from './value-type.ts'

/** As scripts/docs.ts reads it from the types. */
let known: KnownValues | null = null
let make: ((type: ValueType) => Check) | null = null
/** The checks of the kinds that were asked for; null if the types say nothing of one. */
const checks = new Map<string, Check | null>()

const findCheck = (kind: string): Check | null => {
  const kept = checks.get(kind)
  if (kept !== undefined) return kept
  known ??= JSON.parse(
    readFileSync(new URL('../operations/options.json', import.meta.url), 'utf8'),
  ) as KnownValues
  make ??= makeCheck(known.types)
  const type = Object.hasOwn(known.operations, kind) ? known.operations[kind] : undefined
  const check = type === undefined ? null : make(type)
  checks.set(kind, check)
  return check
}

const checkMeta = makeCheck({})({ options: { 'tags?': { list: { form: 'tag' } } } })

/** The kinds of the operations that are being made, the outermost first. */
const making: string[] = []

/**
 * Throws an OptionError with all that is wrong with the options and the second argument of an
 * operation: an option that it does not know, a value that is not possible, one that is missing,
 * and options that exclude each other. Types are not checked when a playbook runs, and each of
 * these would be ignored or worse. An undefined option counts as not given.
 *
 * An operation of the same kind inside another one is a part of it, with its own options: those
 * are not checked.
 */
export const checkOptions = (kind: string, options: unknown, meta: unknown = {}): void => {
  const check = making.includes(kind) ? null : findCheck(kind)
  const faults = [
    ...(check ? findFaults(check, options) : []),
    ...findFaults(checkMeta, meta).map(addSecond),
  ]
  if (faults.length > 0)
    throw new OptionError(faults.map(({ message, next }) => ({ message, next })))
}

const addSecond = (fault: Fault): Fault => ({
  ...fault,
  message: `its second argument: ${fault.message}`,
})

/** Makes what an operation consists of. */
export const makeParts = <T>(kind: string, work: () => T): T => {
  making.push(kind)
  try {
    return work()
  } finally {
    making.pop()
  }
}

/** What was found while a list was made; null: an operation throws. */
let collected: Problem[] | null = null

/**
 * Makes a list. All bad operations in it are named by one OptionError: for a bad one, a stand-in
 * takes its place until the list is complete.
 */
export const collectProblems = <T>(makeList: () => T): T => {
  const outer = collected
  const problems: Problem[] = []
  collected = problems
  try {
    const list = makeList()
    if (problems.length > 0) throw new OptionError(problems)
    return list
  } catch (error) {
    if (problems.length === 0 || (error as InputError).problems === problems) throw error
    // What follows from a stand-in is not another problem.
    const more = error instanceof InputError ? error.problems : []
    throw new OptionError([...problems, ...more], { cause: error })
  } finally {
    collected = outer
  }
}

/**
 * Makes the operation. An InputError without a place gets that of the operation, `file /etc/motd`;
 * so does a file of the controller that cannot be read.
 */
export const addPlace = <T>(
  kind: string,
  options: unknown,
  make: () => T,
  makeStandIn: (name: string) => T,
): T => {
  try {
    return make()
  } catch (error) {
    const problems = listProblems(error)
    if (problems === null) throw error
    const name = findName(options)
    const place = name === null ? kind : `${kind} ${name}`
    const placed = problems.map(problem => ({ ...problem, place: problem.place ?? place }))
    if (collected === null || making.length > 0) throw new OptionError(placed, { cause: error })
    collected.push(...placed)
    return makeStandIn(name ?? String(collected.length))
  }
}

const findName = (options: unknown): string | null => {
  const { path, name } = Object(options) as { readonly path?: unknown; readonly name?: unknown }
  return [path, name].find(one => typeof one === 'string') ?? null
}

const listProblems = (error: unknown): readonly Problem[] | null => {
  if (error instanceof InputError) return error.problems
  if (!(error instanceof Error)) return null
  const { code, path } = error as NodeJS.ErrnoException
  return typeof code === 'string' && typeof path === 'string' ? [{ message: error.message }] : null
}
