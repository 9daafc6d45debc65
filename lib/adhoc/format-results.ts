import { failureLines } from '../report/labels.ts'
import { visible } from '../report/sanitize.ts'
import { count, type Paint } from '../report/style.ts'
import type { Answer } from './run-on-host.ts'

type Group = {
  readonly hosts: string[]
  readonly lines: readonly string[]
  readonly good: boolean
  readonly how: string
}

/**
 * What the hosts answered, for a person: an answer that several gave once, under their names; one
 * that only one gave with its name in front of each
 * line. The last line counts. Of one host alone: what it said and no more.
 */
export const grouped = (answers: readonly Answer[], paint: Paint): string[] => {
  const found = new Map<string, Group>()
  for (const answer of answers) {
    const key = JSON.stringify({ ...answer, host: '' })
    const same = found.get(key)
    if (same) same.hosts.push(answer.host)
    else found.set(key, { hosts: [answer.host], ...told(answer) })
  }
  const groups = [...found.values()]
  const widest = Math.max(
    0,
    ...groups.filter(({ hosts }) => hosts.length === 1).map(({ hosts }) => hosts[0]?.length ?? 0),
  )
  return [
    ...groups.flatMap(group => groupLines(group, widest, answers.length, paint)),
    ...(answers.length > 1 ? ['', summary(groups, paint)] : []),
  ]
}

const groupLines = (
  { hosts, lines, good, how }: Group,
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
  const names = hosts.length === all ? `all ${count(all, 'host')}` : hosts.join(' ')
  return [paint(mark, names), ...shown.map(line => `  ${line}`.trimEnd())]
}

const told = (answer: Answer): Omit<Group, 'hosts'> => {
  if (answer.is !== 'ended')
    return { lines: [], good: false, how: [answer.is, ...failureLines(answer.error)].join(': ') }
  const { rc, stdout, stderr } = answer
  return { lines: [...linesOf(stdout), ...linesOf(stderr)], good: rc === 0, how: `exit ${rc}` }
}

const linesOf = (text: string): string[] =>
  text === '' ? [] : visible(text.replace(/\r\n/g, '\n')).replace(/\n$/, '').split('\n')

const summary = (groups: readonly Group[], paint: Paint): string => {
  const good = groups.filter(({ good }) => good).reduce((sum, { hosts }) => sum + hosts.length, 0)
  const bad = groups
    .filter(({ good }) => !good)
    .map(({ hosts, how }) => `${how.split('\n')[0]?.split(':')[0]}: ${hosts.join(' ')}`)
  return [`${good} ok`, ...bad.map(text => paint('bad', text))].join(', ')
}
