import type { FileResult } from './file.ts'
import type { Skipped } from './report.ts'

/** The line of one finished file, and below it, where it failed, all that it printed. */
export const fileLines = ({ file, report, ms, output, open }: FileResult): string => {
  const bad = report.failed > 0
  const numbers = [
    `${report.passed} passed`,
    ...(bad ? [`${report.failed} failed`] : []),
    ...(report.skipped.length > 0 ? [`${report.skipped.length} skipped`] : []),
  ]
  const head = `${bad ? 'FAIL' : 'ok  '}  ${file}  ${numbers.join(', ')}  ${seconds(ms)}`
  const held = open.length > 0 ? [`      leaves open: ${tally(open)}`] : []
  const problems = report.problems.map(problem => `      ${problem.replaceAll('\n', '\n      ')}`)
  return [
    head,
    ...held,
    ...(bad
      ? [
          ...problems,
          report.errors,
          output.trim() && `${rule(file)}\n${output.trimEnd()}\n${'─'.repeat(40)}`,
        ]
      : []),
  ]
    .filter(line => line.trim() !== '')
    .join('\n')
}

/**
 * The end of a run: slow files, open handles, the reasons of skips, and the counts as its last
 * line.
 */
export const summary = (results: readonly FileResult[]): string[] => {
  const slow = [...results].sort((a, b) => b.ms - a.ms).slice(0, 3)
  const failed = results.filter(({ report }) => report.failed > 0)
  const open = results.filter(result => result.open.length > 0)
  const skipped = results.flatMap(({ report }) => report.skipped)
  return [
    ...section(
      'slowest',
      results.length > 3 ? slow.map(({ file, ms }) => `${file}  ${seconds(ms)}`) : [],
    ),
    ...section(
      'left handles open',
      open.map(result => `${result.file}  ${tally(result.open)}`),
    ),
    ...section('skipped', reasons(skipped)),
    ...section(
      'failed',
      failed.map(({ file }) => file),
    ),
    counts(results),
  ]
}

/** `N passed, N failed, N skipped`. */
export const counts = (results: readonly FileResult[]): string => {
  const sum = (of: (result: FileResult) => number): number =>
    results.reduce((all, result) => all + of(result), 0)
  return `${sum(r => r.report.passed)} passed, ${sum(r => r.report.failed)} failed, ${sum(r => r.report.skipped.length)} skipped`
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map(line => `  ${line}`), '']

const reasons = (skipped: readonly Skipped[]): string[] => {
  const byReason = new Map<string, number>()
  for (const { reason } of skipped) byReason.set(reason, (byReason.get(reason) ?? 0) + 1)
  return [...byReason].map(([reason, times]) => `${times}  ${reason}`)
}

const tally = (names: readonly string[]): string =>
  [...new Set(names)]
    .map(name => `${names.filter(other => other === name).length} ${name}`)
    .join(', ')
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
const rule = (file: string): string => `── all that ${file} printed `.padEnd(40, '─')
