import type { ExpectedSkip, FileSkip } from './expected-skips.ts'
import type { FileReport, Skipped } from './report.ts'
import type { FileResult } from './run-file.ts'

/** The line of a finished file; if it failed, everything that it printed follows. */
export const formatFile = ({ file, report, ms, output, open }: FileResult): string => {
  const bad = report.failed > 0
  const numbers = [
    `${report.passed} passed`,
    ...(bad ? [`${report.failed} failed`] : []),
    ...(report.skipped.length > 0 ? [`${report.skipped.length} skipped`] : []),
  ]
  const head = `${bad ? 'FAIL' : 'ok  '}  ${file}  ${numbers.join(', ')}  ${formatSeconds(ms)}`
  const held = open.length > 0 ? [`      leaves open: ${tally(open)}`] : []
  const problems = report.problems.map(problem => `      ${problem.replaceAll('\n', '\n      ')}`)
  return [
    head,
    ...held,
    ...(bad
      ? [
          ...problems,
          report.errors,
          output.trim() && `${drawRule(file)}\n${output.trimEnd()}\n${'─'.repeat(40)}`,
        ]
      : []),
  ]
    .filter(line => line.trim() !== '')
    .join('\n')
}

/** The skips of a run that the list of expected skips does not explain, and its unused entries. */
export type SkipFindings = {
  readonly unexpected: readonly FileSkip[]
  readonly unused: readonly ExpectedSkip[]
}

/**
 * The end of a run: the ten slowest files, open handles, the reasons of skips, and as the last line
 * the counts.
 */
export const formatSummary = (
  results: readonly FileResult[],
  { unexpected, unused }: SkipFindings = { unexpected: [], unused: [] },
): string[] => {
  const slow = results.toSorted((a, b) => b.ms - a.ms).slice(0, 10)
  const failed = results.filter(({ report }) => report.failed > 0)
  const open = results.filter(result => result.open.length > 0)
  return [
    ...formatSection(
      'slowest',
      results.length > 3 ? slow.map(({ file, ms }) => `${file}  ${formatSeconds(ms)}`) : [],
    ),
    ...formatSection(
      'left handles open',
      open.map(result => `${result.file}  ${tally(result.open)}`),
    ),
    ...formatSection('skipped', tallyReasons(results.flatMap(({ report }) => report.skipped))),
    ...formatSection(
      'expected skips that did not happen',
      unused.map(({ reason, when }) => `${reason.source}  (${when})`),
    ),
    ...formatSection(
      'unexpected skips, which fail the run (scripts/test/expected-skips.ts lists the others)',
      unexpected.map(({ file, test, reason }) => `${file}  ${test}: ${reason}`),
    ),
    ...formatSection('failed', failed.flatMap(formatFailures)),
    formatCounts(results),
  ]
}

/**
 * A file that failed, and in short what failed in it: the end of a run may be all that is kept of
 * it.
 */
const formatFailures = ({ file, report }: FileResult): string[] => [
  file,
  ...[...report.problems, ...listFailures(report.errors)].map(line => `  ${shorten(line)}`),
]

/** The heading and the first line of each failure in uvu's account. */
const listFailures = (errors: string): string[] =>
  [...errors.matchAll(/^ {3}FAIL {2}(.*)\n\s*(.*)/gm)].map(
    ([, test = '', message = '']) => `${test}: ${message}`,
  )

const shorten = (text: string): string => {
  const line = text.split('\n').slice(0, 3).join(' ').replace(/\s+/g, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}

/** `N passed, N failed, N skipped`. */
export const formatCounts = (results: readonly FileResult[]): string => {
  const sum = (count: (report: FileReport) => number): number =>
    results.reduce((all, { report }) => all + count(report), 0)
  const [passed, failed] = [sum(report => report.passed), sum(report => report.failed)]
  const skipped = sum(report => report.skipped.length)
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

const formatSection = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map(line => `  ${line}`), '']

const tallyReasons = (skipped: readonly Skipped[]): string[] => {
  const byReason = new Map<string, number>()
  for (const { reason } of skipped) byReason.set(reason, (byReason.get(reason) ?? 0) + 1)
  return [...byReason].map(([reason, times]) => `${times}  ${reason}`)
}

const tally = (names: readonly string[]): string =>
  [...new Set(names)]
    .map(name => `${names.filter(other => other === name).length} ${name}`)
    .join(', ')
const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
const drawRule = (file: string): string => `── output of ${file} `.padEnd(40, '─')
