import type { Failure } from '../events.ts'
import { formatFailure } from './labels.ts'
import type { HostState, OpState, RunState } from './state.ts'
import { formatCount, formatTime, type Paint, wrapText } from './style.ts'
import { formatTable, type TableRow } from './table.ts'

/** From so many hosts on, those of which nothing is to be told share a row. */
const many = 20
/** Entries of a list under the table. */
const most = 20
/** Milliseconds from which an operation is worth naming, and how many are. */
const [slow, slowest] = [10_000, 5]

export type RecapOptions = {
  readonly state: RunState
  /** Characters on a line. */
  readonly width: number
  readonly paint: Paint
  /** Also the end of what failed operations printed: where it has not been shown yet. */
  readonly stderr: boolean
  /** Where more of the run can be read. Default: nowhere. */
  readonly record?: string
}

/** The end of a run: a row a host, and under it what somebody has to look at. */
export const formatRecap = ({ state, width, paint, stderr, record }: RecapOptions): string[] => {
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
    ...section('failed', listFailures(hosts, width, stderr)),
    ...section(
      'in flight: what became of them is not known, the next run finds out',
      pick((op, host) => (isInFlight(op, host) ? nameOperation(op) : undefined)),
    ),
    ...section(
      'disruptive: done only with --allow-disruption',
      pick(op =>
        op.outcome?.is === 'would-change' && op.outcome.disruptive
          ? `${nameOperation(op)}: ${op.outcome.disruptive}`
          : undefined,
      ),
    ),
    ...section(
      'not foreseen: changed by another operation, or from outside',
      pick(op =>
        op.outcome?.is === 'changed' && !op.outcome.foreseen ? nameOperation(op) : undefined,
      ),
    ),
    ...section('notes', limitEntries(groupNotes(state.notes, width))),
    ...section(
      'slow',
      formatSlow(ops).flatMap(line => wrapText(line, width - 2)),
    ),
    ...section(
      'the report contradicts itself, which is a defect of this program',
      state.faults.slice(0, most),
    ),
    '',
    ...(record === undefined ? [] : [paint('quiet', `report: ${record}`)]),
    ...wrapText(formatTotals(state), width),
  ]
}

/**
 * True of an operation of which nothing is known any more; also of one that still ran when the run
 * was broken off, before anything could settle it.
 */
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

/** Each failure: where, below it why and what to do next. */
const listFailures = (hosts: readonly HostState[], width: number, stderr: boolean): string[] =>
  limitEntries(
    hosts
      .flatMap(host =>
        findFailures(host).map(([what, error]) => [`${host.name}: ${what}`, error] as const),
      )
      .map(([where, error]) => {
        const shown = stderr
          ? error
          : { message: error.message, ...(error.next === undefined ? {} : { next: error.next }) }
        return [
          where,
          ...formatFailure(shown).flatMap(line =>
            wrapText(line, width - 4).map(part => `  ${part}`),
          ),
        ]
      }),
  )

/**
 * What went wrong on a host: the operations that failed, and before them the host itself where it
 * was none of them.
 */
export const findFailures = (host: HostState): (readonly [what: string, error: Failure])[] => {
  const ofOps = host.ops.flatMap(op =>
    op.outcome?.is === 'failed' ? [[nameOperation(op), op.outcome.error] as const] : [],
  )
  const said = ofOps.some(([, error]) => error.message === host.error?.message)
  return host.error && !said ? [[host.result ?? 'failed', host.error], ...ofOps] : ofOps
}

/** Equal texts once, with the hosts that they are of. */
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

/** Up to four hosts by name, more by number. */
const formatHosts = (hosts: readonly string[]): string =>
  hosts.length <= 4
    ? [...new Set(hosts)].join(', ')
    : `${new Set(hosts).size} hosts (${hosts.slice(0, 2).join(', ')}, …)`

/** The operations that took longest, each once, with its slowest host. */
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

/** The run in one sentence. */
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
