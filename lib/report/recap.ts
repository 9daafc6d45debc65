import type { Failure } from '../events.ts'
import { formatFailure, omitName } from './outcome-labels.ts'
import type { CommandState, HostState, OpState, RunState } from './run-state.ts'
import { formatCount, formatTime, type Paint, wrapText } from './style.ts'
import { formatTable, type TableRow } from './table.ts'

/** With more hosts than this, uneventful ones share a row. */
const many = 20
/** How many entries a list below the table has at most. */
const most = 20
/** An operation that takes this many milliseconds is listed; and how many are at most. */
const [slow, slowest] = [10_000, 5]

export type RecapOptions = {
  readonly state: RunState
  /** Characters on a line. */
  readonly width: number
  readonly paint: Paint
  /** How many lines of a failure's stderr are shown; a view that has shown them needs few. */
  readonly stderr: number
  /** Lists the notes, if the view has not shown each of them. */
  readonly notes: boolean
  /** Path of the report page. Default: no page. */
  readonly record?: string | undefined
}

/** Formats the end of a run: a row for each host, and what needs attention. */
export const formatRecap = ({
  state,
  width,
  paint,
  stderr,
  notes,
  record,
}: RecapOptions): string[] => {
  const hosts = [...state.hosts.values()]
  const ops = hosts.flatMap(host => host.ops.map(op => ({ host, op })))
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0
      ? []
      : [
          '',
          ...wrapText(title, width).map(line => paint('strong', line)),
          ...lines.map(line => (line === '' ? '' : `  ${line}`)),
        ]
  const pick = (line: (op: OpState, host: HostState) => string | undefined): string[] =>
    limitEntries(
      groupNotes(
        ops.flatMap(({ host, op }) =>
          line(op, host) === undefined ? [] : [{ host: host.name, text: line(op, host) ?? '' }],
        ),
        width,
      ),
    )
  return [
    '',
    ...formatTable(buildRows(hosts), state.check, width, paint),
    ...section('failed', listFailures(state, width, stderr)),
    ...section(
      'interrupted: the outcome is unknown; run again to find out',
      pick((op, host) => (isInFlight(op, host) ? nameOperation(op) : undefined)),
    ),
    ...section(
      'disruptive: made only with --allow-disruption',
      pick(op =>
        op.outcome?.is === 'would-change' && op.outcome.disruptive
          ? `${nameOperation(op)}: ${op.outcome.disruptive}`
          : undefined,
      ),
    ),
    ...section(
      'not foreseen: changed by another operation, or by another program',
      pick(op =>
        op.outcome?.is === 'changed' && !op.outcome.foreseen ? nameOperation(op) : undefined,
      ),
    ),
    ...section('notes', notes ? limitEntries(groupNotes(state.notes, width)) : []),
    ...section(
      'slow',
      formatSlow(ops).flatMap(line => wrapText(line, width - 2)),
    ),
    ...section(
      'the report contradicts itself: please report this bug',
      state.faults.slice(0, most),
    ),
    '',
    ...(record === undefined ? [] : [paint('quiet', `report: ${record}`)]),
    ...wrapText(formatTotals(state), width),
  ]
}

/** True if the outcome of an operation is unknown, also because the run was cut off meanwhile. */
export const isInFlight = (op: OpState, host: HostState): boolean =>
  op.outcome?.is === 'in-flight' ||
  (op.outcome === undefined && host.running !== undefined && host.ops[host.running] === op)

const nameOperation = (op: OpState): string => `${op.kind} ${op.name}`

const buildRows = (hosts: readonly HostState[]): TableRow[] => {
  const plain = hosts.length > many ? hosts.filter(isUneventful) : []
  const told = hosts
    .filter(host => !plain.includes(host))
    .map(host => ({ name: host.name, hosts: [host] }))
  return plain.length > 1
    ? [...told, { name: `${plain.length} ${told.length > 0 ? 'others' : 'hosts'}`, hosts: plain }]
    : hosts.map(host => ({ name: host.name, hosts: [host] }))
}

const isUneventful = ({ result, counts }: HostState): boolean =>
  result === 'ok' &&
  Object.entries(counts).every(([is, n]) => n === 0 || is === 'ok' || is === 'skipped')

/** Lists each failure: the place, and below it the reason and what to do next. */
const listFailures = (state: RunState, width: number, stderr: number): string[] => {
  const ofHosts = [...state.hosts.values()].flatMap(host =>
    findFailures(host).map(([what, error]) => [`${host.name}: ${what}`, error] as const),
  )
  const all = [...ofHosts, ...(state.error ? [['the script', state.error] as const] : [])]
  return limitEntries(
    all.map(([where, error]) => [
      where,
      ...formatFailure(error, stderr).flatMap(line =>
        wrapText(line, width - 4).map(part => `  ${part}`),
      ),
    ]),
  )
}

/** Finds the failures of a host: its own, if no operation caused it, and its operations'. */
export const findFailures = (host: HostState): (readonly [what: string, error: Failure])[] => {
  const failed = host.ops.flatMap(op =>
    op.outcome?.is === 'failed' ? [[nameOperation(op), op.outcome.error] as const] : [],
  )
  const said = failed.some(([, error]) => error.message === host.error?.message)
  const ofOps = failed.map(([what, error]) => [what, omitName(error, what)] as const)
  return host.error && !said ? [[host.result ?? 'failed', host.error], ...ofOps] : ofOps
}

/** True of the command that ended the script: it is the reason why its host counts as failed. */
export const endedRun = ({ error }: HostState, { command, outcome }: CommandState): boolean =>
  outcome !== 'ran' && error?.message.includes(command) === true

/** Groups equal notes, with the names of their hosts. */
const groupNotes = (
  notes: readonly { readonly text: string; readonly host?: string }[],
  width: number,
): string[][] => {
  const byText = new Map<string, string[]>()
  for (const { text, host } of notes)
    byText.set(text, [...(byText.get(text) ?? []), ...(host === undefined ? [] : [host])])
  return [...byText].map(([text, hosts]) =>
    wrapText(hosts.length === 0 ? text : `${formatHosts(hosts)}: ${text}`, width - 2).map(
      (line, i) => (i === 0 ? line : `  ${line}`),
    ),
  )
}

/** Formats up to four hosts by name, more by number. */
const formatHosts = (hosts: readonly string[]): string =>
  hosts.length <= 4
    ? [...new Set(hosts)].join(', ')
    : `${new Set(hosts).size} hosts (${hosts.slice(0, 2).join(', ')}, …)`

/** Formats the slowest operations, each once, with its hosts. */
const formatSlow = (
  ops: readonly { readonly host: HostState; readonly op: OpState }[],
): string[] => {
  const found = new Map<string, { ms: number; readonly hosts: string[] }>()
  for (const { host, op } of ops) {
    if ((op.ms ?? 0) < slow) continue
    const same = found.get(nameOperation(op)) ?? { ms: 0, hosts: [] }
    same.ms = Math.max(same.ms, op.ms ?? 0)
    same.hosts.push(host.name)
    found.set(nameOperation(op), same)
  }
  const order = [...found].sort(([, a], [, b]) => b.ms - a.ms).slice(0, slowest)
  return order.map(
    ([what, { ms, hosts }]) =>
      `${hosts.length > 1 ? 'up to ' : ''}${formatTime(ms)}  ${what} on ${formatHosts(hosts)}`,
  )
}

const limitEntries = (entries: readonly (readonly string[])[]): string[] => [
  ...entries.slice(0, most).flat(),
  ...(entries.length > most
    ? [`… and ${entries.length - most} more: see the record of the run`]
    : []),
]

/** Formats the run as one sentence. */
export const formatTotals = (state: RunState): string => {
  const hosts = [...state.hosts.values()]
  const of = (result: HostState['result']): number =>
    hosts.filter(host => host.result === result).length
  const all = (is: keyof HostState['counts']): number =>
    hosts.reduce((sum, host) => sum + host.counts[is], 0)
  const results = (['ok', 'failed', 'unreachable', 'interrupted', 'not-begun'] as const).flatMap(
    result => (of(result) > 0 ? [`${of(result)} ${result.replace('-', ' ')}`] : []),
  )
  const changes = state.check
    ? `${all('would-change')} would change, ${all('unknown')} unknown`
    : `${all('changed')} changed`
  const parts = [
    `${formatCount(hosts.length, 'host')}${results.length > 0 ? ` (${results.join(', ')})` : ''}`,
    changes,
    ...(all('failed') > 0 ? [`${all('failed')} failed`] : []),
  ]
  const did =
    state.exitCode === undefined || state.exitCode === 130
      ? 'interrupted'
      : state.check
        ? 'checked'
        : 'played'
  return `${did} ${state.playbook}: ${parts.join(', ')} in ${formatTime(state.ms ?? state.at)}`
}
