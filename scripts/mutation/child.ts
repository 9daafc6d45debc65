/**
 * Runs test files with one mutant after another in one process. stdin is a `MutationTask` as JSON;
 * what it
 * finds goes to file descriptor 3, one JSON value per line.
 */
import { writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

/** The work of one process. */
export type MutationTask = {
  readonly tests: readonly string[]
  /** The mutants with the tests to run (null: all). Without mutants, all run, for the coverage. */
  readonly mutants: readonly { readonly id: string; readonly tests: readonly string[] | null }[]
  /** A mutant that is active before the tests are loaded. */
  readonly loaded?: string
}

/** What a process reports. */
export type Message =
  | { readonly begins: string }
  | { readonly mutant: string; readonly killed: boolean }
  | { readonly dry: DryRun }

/** The tests without any mutant. */
export type DryRun = {
  /** The tests that fail, with what they say. */
  readonly failed: readonly string[]
  /** Milliseconds that all of them take. */
  readonly ms: number
  /** The ids of the mutants that run while a module is loaded. */
  readonly loading: readonly string[]
  /** The ids of the mutants that each test reaches. */
  readonly reached: Readonly<Record<string, readonly string[]>>
}

type Coverage = Record<string, number>
type Hook = (state: object) => unknown
type Suite = {
  readonly name: string
  readonly state: object
  readonly tests: readonly { readonly title: string; readonly handler: Hook }[]
  readonly before: readonly Hook[]
  readonly after: readonly Hook[]
  readonly beforeEach: readonly Hook[]
  readonly afterEach: readonly Hook[]
}

const stryker: {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  mutantCoverage?: { static: Coverage; perTest: Record<string, Coverage> }
} = {}

const send = (message: Message): void => {
  writeSync(3, `${JSON.stringify(message)}\n`)
}

/** Runs the hooks or gives the first error. */
const runHooks = async (hooks: readonly Hook[], state: object): Promise<unknown> => {
  for (const hook of hooks) {
    try {
      await hook(state)
    } catch (error) {
      return error ?? new Error('a hook failed')
    }
  }
  return null
}

const runTest = async (suite: Suite, handler: Hook): Promise<unknown> => {
  const { state } = suite
  const before = await runHooks(suite.beforeEach, state)
  const failure = before ?? (await runHooks([handler], state))
  return failure ?? (await runHooks(suite.afterEach, state))
}

/** The failed tests; with `first`, only the first of them. */
const runTests = async (
  selected: ReadonlySet<string> | null,
  first: boolean,
): Promise<string[]> => {
  const failed: string[] = []
  const { mutationSuites = [] } = globalThis as { mutationSuites?: Suite[] }
  for (const [index, suite] of mutationSuites.entries()) {
    const chosen = suite.tests
      .map(({ title, handler }) => ({ id: `${index} ${title}`, handler }))
      .filter(({ id }) => selected?.has(id) ?? true)
    if (chosen.length === 0) continue
    const before = await runHooks(suite.before, suite.state)
    if (before) failed.push(`${suite.name}: ${String(before)}`)
    for (const { id, handler } of chosen) {
      if (first && failed.length > 0) break
      stryker.currentTestId = id
      const error = await runTest(suite, handler)
      stryker.currentTestId = undefined
      if (error) failed.push(`${id}: ${String(error)}`)
    }
    const after = await runHooks(suite.after, suite.state)
    if (after) failed.push(`${suite.name}: ${String(after)}`)
  }
  return failed
}

const runDry = async (): Promise<DryRun> => {
  const began = performance.now()
  const failed = await runTests(null, false)
  const coverage = stryker.mutantCoverage ?? { static: {}, perTest: {} }
  return {
    failed,
    ms: performance.now() - began,
    loading: Object.keys(coverage.static),
    reached: Object.fromEntries(
      Object.entries(coverage.perTest).map(([test, ids]) => [test, Object.keys(ids)]),
    ),
  }
}

const task = JSON.parse(await text(process.stdin)) as MutationTask
Object.assign(globalThis, { __stryker__: stryker })
stryker.activeMutant = task.loaded
// A mutant may reject where nobody waits: whether its tests fail is what counts.
process.on('unhandledRejection', () => undefined)
try {
  for (const test of task.tests) await import(pathToFileURL(resolve(test)).href)
} catch (error) {
  if (task.loaded === undefined) throw error
  send({ mutant: task.loaded, killed: true })
  process.exit(0)
}
if (task.mutants.length === 0) send({ dry: await runDry() })
for (const { id, tests } of task.mutants) {
  send({ begins: id })
  stryker.activeMutant = id
  const failed = await runTests(tests && new Set(tests), true)
  send({ mutant: id, killed: failed.length > 0 })
}
process.exit(0)
