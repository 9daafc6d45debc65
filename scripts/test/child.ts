/**
 * Runs one test file in this process and reports to the runner on file descriptor 3, one JSON value
 * per line.
 */
import { readFileSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Uvu from 'uvu'
import {
  buildReport,
  emptyReport,
  type FileReport,
  findUnrunSuites,
  mergeReports,
  type Suite,
  type SuiteResult,
} from './report.ts'
import { getSkips } from './skip.ts'

/**
 * A message to the runner: the test that begins, an error of a hook, the report, or the resources
 * that still hold the process open.
 */
export type ChildMessage =
  | { readonly running: string }
  | { readonly hook: string }
  | { readonly report: FileReport }
  | { readonly open: readonly string[] }

const shared = globalThis as { UVU_DEFER?: number; UVU_INDEX?: number; UVU_QUEUE?: unknown[][] }
const send = (told: ChildMessage): void => {
  writeSync(3, `${JSON.stringify(told)}\n`)
}

/** Sends the errors of hooks, which uvu itself swallows. */
const sendHookErrors = (test: Uvu.Test): void => {
  const told =
    (register: (hook: Uvu.Callback) => void) =>
    (hook: Uvu.Callback): void =>
      register(async context => {
        try {
          await hook(context)
        } catch (error) {
          send({ hook: error instanceof Error && error.stack ? error.stack : String(error) })
          throw error
        }
      })
  const { before, after } = test
  Object.assign(test, {
    before: Object.assign(told(before), { each: told(before.each) }),
    after: Object.assign(told(after), { each: told(after.each) }),
  })
}

const runQueue = async (from: number): Promise<Suite[]> => {
  const suites: Suite[] = []
  for (const run of (shared.UVU_QUEUE?.[0] ?? []).slice(from) as (() => Promise<SuiteResult>)[]) {
    const before = getSkips().length
    const result = await run()
    suites.push({ result, skips: getSkips().slice(before) })
  }
  return suites
}

/** Runs the tests of the default suite that follow the last test.run(): they fail the file. */
const runForgotten = async (test: Uvu.Test): Promise<FileReport> => {
  const ran = shared.UVU_QUEUE?.[0]?.length ?? 0
  test.run()
  const suites = await runQueue(ran)
  if ((suites[0]?.result[3] ?? 0) === 0) return emptyReport
  return mergeReports(buildReport(suites), {
    ...emptyReport,
    failed: 1,
    problems: ['test.run() is missing after the last test'],
  })
}

const file = resolve(process.argv[2] ?? '')
Object.assign(shared, { UVU_DEFER: 1, UVU_INDEX: 0, UVU_QUEUE: [[]] })
const { test } = await import('uvu')
sendHookErrors(test)
test.before.each(context => send({ running: String(context['__test__'] ?? '') }))
await import(pathToFileURL(file).href)
const suites = await runQueue(0)
const late = await runForgotten(test)
const never = findUnrunSuites(readFileSync(file, 'utf8')).map(
  name => `the suite ${name} is never run: ${name}.run() is missing`,
)
send({
  report: [late, { ...emptyReport, failed: never.length, problems: never }].reduce(
    mergeReports,
    suites.length === 0 && late !== emptyReport ? emptyReport : buildReport(suites),
  ),
})
setTimeout(
  () => send({ open: process.getActiveResourcesInfo().filter(name => name !== 'Timeout') }),
  1500,
).unref()
