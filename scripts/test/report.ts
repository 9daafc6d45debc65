import { skipMarker } from './skip.ts'

/** A test that was left out, and why. */
export type Skipped = { readonly test: string; readonly reason: string }

/** What one test file came to. */
export type FileReport = {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly Skipped[]
  /** What went wrong beside the tests themselves, such as a file without a single suite. */
  readonly problems: readonly string[]
  /** uvu's account of the failures, for people. */
  readonly errors: string
}

/**
 * What uvu returns of a suite: its account of the failures (or true), and how many passed, were
 * left out, and were to be run.
 */
export type SuiteResult = readonly [
  errors: string | true,
  passed: number,
  leftOut: number,
  total: number,
]

/** A suite's result, and the reasons of the skips that it met. */
export type Suite = { readonly result: SuiteResult; readonly skips: readonly string[] }

export const emptyReport: FileReport = {
  passed: 0,
  failed: 0,
  skipped: [],
  problems: [],
  errors: '',
}

/**
 * The report of a file from its suites. uvu itself passes over a throwing hook, a file without
 * suites and tests left out
 * by `only` and `skip`: here each is a failure.
 */
export const buildReport = (suites: readonly Suite[]): FileReport => {
  if (suites.length === 0)
    return {
      ...emptyReport,
      failed: 1,
      problems: ['no suite ran: the file ends without test.run()'],
    }
  const reports = suites.map(buildSuiteReport)
  const whole = reports.reduce(mergeReports, emptyReport)
  if (suites.some(({ result }) => result[3] > 0 || result[2] > 0)) return whole
  return { ...whole, failed: 1, problems: ['no test in the file'] }
}

/** The named suites of a test file's text that are never run: uvu would pass over them. */
export const findUnrunSuites = (source: string): string[] =>
  [...source.matchAll(/^(?:const|let) (\w+)\s*=\s*suite\b/gm)].flatMap(([, name = '']) =>
    source.includes(`${name}.run()`) ? [] : [name],
  )

/** Two reports as one. */
export const mergeReports = (a: FileReport, b: FileReport): FileReport => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: [...a.skipped, ...b.skipped],
  problems: [...a.problems, ...b.problems],
  errors: a.errors + b.errors,
})

const buildSuiteReport = ({
  result: [errors, passed, leftOut, total],
  skips,
}: Suite): FileReport => {
  const blocks = errors === true ? [] : splitFailures(errors)
  const skippedTests = blocks.flatMap(block => block.skipped ?? [])
  const reported = errors === true ? 0 : Math.max(blocks.length, 1)
  const unrun = total - passed - reported
  // A hook that skips leaves no account at all: its suite is skipped as a whole.
  const hookSkip = unrun > 0 ? skips[skippedTests.length] : undefined
  const problems = [
    ...(leftOut > 0
      ? [`${countTests(leftOut)} left out without a reason (test.only or test.skip)`]
      : []),
    ...(unrun > 0 && hookSkip === undefined ? [`${countTests(unrun)} not run: a hook threw`] : []),
  ]
  return {
    passed,
    failed:
      reported - skippedTests.length + leftOut + (hookSkip === undefined ? Math.max(unrun, 0) : 0),
    skipped: [
      ...skippedTests,
      ...Array.from({ length: hookSkip === undefined ? 0 : unrun }, () => ({
        test: '(suite)',
        reason: hookSkip ?? '',
      })),
    ],
    problems,
    errors: blocks.flatMap(block => (block.skipped ? [] : [block.text])).join(''),
  }
}

const countTests = (tests: number): string => `${tests} ${tests === 1 ? 'test' : 'tests'}`

/** uvu's account, cut at the head of each failure: `  FAIL  "name"`. */
const splitFailures = (errors: string): { readonly text: string; readonly skipped?: Skipped }[] =>
  errors
    .split(/^(?= {3}FAIL {2}.*"$)/m)
    .filter(text => text.trim() !== '')
    .map(text => {
      const [, test = '', message = ''] = /^ {3}FAIL {2}[^"\n]*"(.*)"\n {4}(.*)/.exec(text) ?? []
      return message.startsWith(skipMarker)
        ? { text, skipped: { test, reason: message.slice(skipMarker.length).trim() } }
        : { text }
    })
