import { InputError, type Problem } from '../errors/input-error.ts'
import { OptionError } from '../errors/option-error.ts'
import { makeCheck } from './check-value.ts'
import { openDescribed } from './described.ts'
import { type Fault, findFaults } from './fault.ts'

const findCheck = openDescribed(new URL('../operations/options.json', import.meta.url))

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
  const check = making.includes(kind) ? null : findCheck('operations', kind)
  const faults = [
    ...(check ? findFaults(check, options) : []),
    ...findFaults(checkMeta, meta).map(addSecond),
  ]
  if (faults.length > 0)
    throw new OptionError(faults.map(({ message, next }) => ({ message, next })))
}

/**
 * Throws an OptionError with all that is wrong with the options of a call, such as `run.until`, by
 * the types that lib/run/calls.ts names.
 */
export const checkCalled = (call: string, options: unknown, place = call): void => {
  const check = findCheck('calls', call)
  const faults = check ? findFaults(check, options) : []
  if (faults.length > 0)
    throw new OptionError(faults.map(({ message, next }) => ({ place, message, next })))
}

const rightDefinitions = new WeakSet<object>()

/**
 * Throws an OptionError for what `operation()` was given that is misspelt, missing or not possible:
 * when the operation is first made, since a run makes few of all that there are.
 */
export const checkDefinition = (kind: string, definition: object): void => {
  if (rightDefinitions.has(definition)) return
  checkCalled('operation()', definition, `operation('${kind}')`)
  rightDefinitions.add(definition)
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
