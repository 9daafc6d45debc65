import { formatFailure } from '../report/outcome-labels.ts'
import { escapeControls } from '../report/sanitize.ts'
import { formatCount, type Paint } from '../report/style.ts'
import type { CommandResult } from './run-on-host.ts'

type ResultGroup = {
  readonly hosts: string[]
  readonly lines: readonly string[]
  readonly good: boolean
  readonly how: string
}

/**
 * Formats the results of hosts for a person. A result that several hosts share is printed once,
 * below their names; any other has its host's name before each line. The last line counts them. For
 * a single host only its output is printed.
 */
export const formatResults = (answers: readonly CommandResult[], paint: Paint): string[] => {
  const found = new Map<string, ResultGroup>()
  for (const answer of answers) {
    const key = JSON.stringify({ ...answer, host: '' })
    const same = found.get(key)
    if (same) same.hosts.push(answer.host)
    else found.set(key, { hosts: [answer.host], ...describeResult(answer) })
  }
  const groups = [...found.values()]
  const widest = Math.max(
    0,
    ...groups.filter(({ hosts }) => hosts.length === 1).map(({ hosts }) => hosts[0]?.length ?? 0),
  )
  return [
    ...groups.flatMap(group => formatGroup(group, widest, answers.length, paint)),
    ...(answers.length > 1 ? ['', summarize(groups, paint)] : []),
  ]
}

const formatGroup = (
  { hosts, lines, good, how }: ResultGroup,
  widest: number,
  all: number,
  paint: Paint,
): string[] => {
  const mark = good ? 'strong' : 'bad'
  const shown = [
    ...lines,
    ...(good ? (lines.length === 0 ? [paint('quiet', '(no output)')] : []) : [paint('bad', how)]),
  ]
  const [host = ''] = hosts
  if (all === 1) return [...lines, ...(good ? [] : [paint('bad', `${host}: ${how}`)])]
  if (hosts.length === 1)
    return shown.map(line => `${paint(mark, host.padEnd(widest))}  ${line}`.trimEnd())
  const names = hosts.length === all ? `all ${formatCount(all, 'host')}` : hosts.join(' ')
  return [paint(mark, names), ...shown.map(line => `  ${line}`.trimEnd())]
}

const describeResult = (answer: CommandResult): Omit<ResultGroup, 'hosts'> => {
  if (answer.is !== 'ended')
    return { lines: [], good: false, how: [answer.is, ...formatFailure(answer.error)].join(': ') }
  const { exitCode, stdout, stderr } = answer
  return {
    lines: [...splitLines(stdout), ...splitLines(stderr)],
    good: exitCode === 0,
    how: `exit ${exitCode}`,
  }
}

const splitLines = (text: string): string[] =>
  text === '' ? [] : escapeControls(text.replace(/\r\n/g, '\n')).replace(/\n$/, '').split('\n')

const summarize = (groups: readonly ResultGroup[], paint: Paint): string => {
  const good = groups.filter(({ good }) => good).reduce((sum, { hosts }) => sum + hosts.length, 0)
  const bad = groups
    .filter(({ good }) => !good)
    .map(({ hosts, how }) => `${how.split('\n')[0]?.split(':')[0]}: ${hosts.join(' ')}`)
  return [`${good} ok`, ...bad.map(text => paint('bad', text))].join(', ')
}
