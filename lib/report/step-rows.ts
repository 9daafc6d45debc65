import { omitName } from './outcome-labels.ts'
import type { PlayState, RunState, StepState } from './run-state.ts'
import { formatCount, formatTime, type Paint } from './style.ts'

/** One row of the terminal view: a play and its connected hosts, or a step, a role of a play. */
export type StepRow = {
  readonly id: string
  readonly title: string
  /** Lines below the row: what failed, and on which host. */
  readonly details: readonly string[]
  readonly is: 'running' | 'done' | 'failed'
}

export type RowOptions = {
  /** Milliseconds since the run began. */
  readonly now: number
  /** Width of a row in characters. */
  readonly width: number
  readonly paint: Paint
}

/** How many failures are shown below a row; the others are counted. */
const most = 3

/** Builds the rows of a run, in the order of its steps. */
export const buildStepRows = (state: RunState, options: RowOptions): StepRow[] =>
  state.plays.flatMap((play, at) => [
    buildPlayRow(state, play, at, options),
    ...[...play.steps.values()].map(step => buildStepRow(state, play, step, options)),
  ])

/** Merges several rows into one, if there is no room for each. */
export const mergeRows = (rows: readonly StepRow[]): StepRow => {
  const open = rows.filter(({ is }) => is === 'running')
  const failed = rows.filter(({ is }) => is === 'failed').length
  return {
    id: 'more',
    title: [
      formatCount(rows.length, 'more step'),
      `${rows.length - open.length} done`,
      ...(failed > 0 ? [`${failed} failed`] : []),
    ].join(', '),
    details: rows.flatMap(({ details }) => details).slice(0, most),
    is: open.length > 0 ? 'running' : failed > 0 ? 'failed' : 'done',
  }
}

const buildPlayRow = (
  state: RunState,
  play: PlayState,
  at: number,
  { paint, width }: RowOptions,
): StepRow => {
  const hosts = play.hosts.flatMap(name => state.hosts.get(name) ?? [])
  const lost = hosts.filter(host => host.result === 'unreachable')
  const here = hosts.filter(
    host => host.connectedMs !== undefined && host.result !== 'unreachable',
  ).length
  const waiting = hosts.filter(host => host.connectedMs === undefined && host.result === undefined)
  const title = play.name || `play ${at + 1}`
  const connected = `${here}/${formatCount(hosts.length, 'host')} connected`
  const names = `waiting for ${waiting.map(({ name }) => name).join(', ')}`
  const fits = here > 0 && waiting.length > 0 && `${title}  ${connected}  ${names}`.length <= width
  const parts = [
    connected,
    ...(lost.length > 0 ? [paint('bad', `${lost.length} unreachable`)] : []),
    ...(fits ? [names] : []),
  ]
  const over = waiting.length === 0 || at < state.plays.length - 1 || state.exitCode !== undefined
  return {
    id: `play ${at}`,
    title: `${paint('strong', title)}  ${parts.join('  ')}`,
    details: limitLines(lost.map(({ name, error }) => `${name}: ${takeFirstLine(error?.message)}`)),
    is: !over ? 'running' : lost.length > 0 ? 'failed' : 'done',
  }
}

const buildStepRow = (
  state: RunState,
  play: PlayState,
  step: StepState,
  options: RowOptions,
): StepRow => {
  const { paint, width } = options
  const done =
    step.done + step.stopped.size >= step.left.size &&
    play.hosts.every(name => play.listed.has(name) || isOut(state, name))
  const broken = new Set(step.failed.map(({ host }) => host)).size
  const plain = [
    step.role.padEnd(Math.max(...[...play.steps.keys()].map(role => role.length))),
    `${step.done}/${formatCount(step.left.size, 'host')}`,
    ...(done ? [] : [`${countDone(state, step)}/${formatCount(step.total, 'operation')}`]),
    ...(step.changed > 0 ? [`${step.changed} changed`] : []),
    ...(step.wouldChange > 0 ? [`${step.wouldChange} would change`] : []),
    ...(step.unknown > 0 ? [`${step.unknown} unknown`] : []),
    ...(step.failed.length > 0 ? [`${step.failed.length} failed`] : []),
    ...(step.stopped.size > broken ? [`${step.stopped.size - broken} not reached`] : []),
  ]
  const room = width - plain.join('  ').length - 2
  const now = done
    ? undefined
    : describeRunning(state, step, options.now, room).find(text => text.length <= room)
  return {
    id: `${step.play} ${step.role}`,
    title: [
      ...plain.map((part, i) =>
        paint(
          /(?:failed|not reached)$/.test(part)
            ? 'bad'
            : / (?:changed|would change|unknown)$/.test(part)
              ? 'changed'
              : i > 0
                ? 'quiet'
                : 'strong',
          part,
        ),
      ),
      ...(now ? [now] : []),
    ].join('  '),
    details: limitLines(
      step.failed.map(({ host, op: at }) => formatFailureLine(state, host, at, width + 2)),
    ),
    is: !done ? 'running' : step.stopped.size > 0 ? 'failed' : 'done',
  }
}

/**
 * Counts the operations that are behind a host: those that have settled and, of a host in the
 * middle of a batch, those before the running one. A batch settles as a whole, at its end.
 */
const countDone = (state: RunState, step: StepState): number =>
  [...step.running].reduce((sum, [host, at]) => {
    const before = state.hosts.get(host)?.ops.slice(0, at) ?? []
    const passed = before.filter(
      op => op.outcome === undefined && op.play === step.play && op.role === step.role,
    )
    return sum + passed.length
  }, step.settled)

/** True if no further list of the host will arrive. */
const isOut = (state: RunState, name: string): boolean => {
  const result = state.hosts.get(name)?.result
  return state.exitCode !== undefined || (result !== undefined && result !== 'ok')
}

/**
 * Describes the operation that has run longest, in texts of decreasing detail. A host's name is
 * never cut.
 */
const describeRunning = (state: RunState, step: StepState, now: number, room: number): string[] => {
  const all = [...step.running].flatMap(([host, at]) => {
    const op = state.hosts.get(host)?.ops[at]
    return op ? [{ host, op, since: op.startedAt ?? now }] : []
  })
  const [first] = all.sort((a, b) => a.since - b.since)
  if (!first) return []
  const seconds = Math.floor((now - first.since) / 1000)
  const lasts =
    seconds >= 1 ? ` (${seconds < 10 ? `${seconds} s` : formatTime(seconds * 1000)})` : ''
  const { kind, name } = first.op
  const left = room - kind.length - 1 - lasts.length
  const short = left >= SHORTEST_NAME ? [`${kind} ${shorten(name, left)}${lasts}`] : []
  const what = [`${kind} ${name}${lasts}`, ...short, `${kind}${lasts}`]
  const where =
    all.length > 1
      ? [` on ${first.host} and ${all.length - 1} more`, ` on ${formatCount(all.length, 'host')}`]
      : [` on ${first.host}`]
  return [...where.map(place => `${what[0]}${place}`), ...what]
}

/** The host, the operation and the cause; for the cause the operation's name is cut. */
const formatFailureLine = (state: RunState, host: string, at: number, width: number): string => {
  const op = state.hosts.get(host)?.ops[at]
  if (op?.outcome?.is !== 'failed') return host
  const id = `${op.kind} ${op.name}`
  const { message, stderr = '' } = omitName(op.outcome.error, id)
  const reason = takeFirstLine(message)
  const said = stderr.trim().split('\n').at(-1) ?? ''
  const cause =
    said !== '' && /^(?:exit \d|ended by )/.test(reason) ? `${said} (${reason})` : reason
  const room = width - host.length - cause.length - 4
  return [host, ...(room >= SHORTEST_NAME ? [shorten(id, room)] : []), cause].join(': ')
}

/** Characters of a name that is worth its place. */
const SHORTEST_NAME = 10

const shorten = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`

const takeFirstLine = (text = ''): string => text.split('\n')[0] ?? ''
const limitLines = (lines: readonly string[]): string[] =>
  lines.length > most ? [...lines.slice(0, most), `… and ${lines.length - most} more`] : [...lines]
