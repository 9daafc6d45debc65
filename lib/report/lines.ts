import type { Event, Failure } from '../events.ts'
import { chooseSymbol, formatDiff } from './diff.ts'
import { formatFailure, labels, labelWidth, omitName } from './outcome-labels.ts'
import { endedRun } from './recap.ts'
import type { HostState, OpState, RunState } from './run-state.ts'
import { formatCount, formatTime, type Mark, type Paint } from './style.ts'

/** How much the lines show, and how they look. */
export type LineOptions = {
  readonly paint: Paint
  /** Shows diffs below each change (--diff). */
  readonly diff: boolean
  /** Also shows unchanged operations, connections, round trips and output (-v). */
  readonly verbose: boolean
}

/** Formats the lines of an event, the host first. `state` already contains the event. */
export const formatEvent = (event: Event, state: RunState, telling: LineOptions): string[] => {
  const { paint, verbose } = telling
  const line = (host: string, word: string, mark: Mark, text: string): string =>
    formatRow(state, paint, host, word, mark, text)
  switch (event.type) {
    case 'run-started': {
      const mode = event.check ? ' (check mode: nothing is changed)' : ''
      const where = event.hosts.length > 0 ? ` on ${formatCount(event.hosts.length, 'host')}` : ''
      return [paint('strong', `${event.playbook}${where}${mode}`)]
    }
    case 'play-started':
      return [
        '',
        paint(
          'strong',
          `${event.name || `play ${event.play + 1}`} (${formatCount(event.hosts.length, 'host')})`,
        ),
      ]
    case 'host-connected':
      return verbose ? [line(event.host, 'connected', 'quiet', `in ${formatTime(event.ms)}`)] : []
    case 'round-started':
      return verbose
        ? [
            line(
              event.host,
              `round ${event.round}`,
              'quiet',
              event.changes === 0 ? 'reads the state' : formatCount(event.changes, 'change'),
            ),
          ]
        : []
    case 'op-output':
      return verbose
        ? event.text
            .trimEnd()
            .split('\n')
            .map(text => line(event.host, '|', 'quiet', text))
        : []
    case 'command':
      return event.quiet ? [] : formatCommand(event, state, telling)
    case 'op-settled':
      return formatOperation(event.host, state.hosts.get(event.host)?.ops[event.op], state, telling)
    case 'host-finished':
      return formatFinished(event, state, telling)
    case 'note':
      return event.host === undefined
        ? [`${paint('unsure', 'note')}  ${event.text}`]
        : [line(event.host, 'note', 'unsure', event.text)]
    default:
      return []
  }
}

/** Outcomes that are shown only with -v. */
const quiet: readonly string[] = ['ok', 'skipped', 'not-reached']

const formatOperation = (
  host: string,
  op: OpState | undefined,
  state: RunState,
  telling: LineOptions,
): string[] => {
  const [first, ...rest] = op ? formatSettled(op, telling) : []
  return first === undefined ? [] : [`${formatHost(host, state, telling.paint)}  ${first}`, ...rest]
}

/** Formats a settled operation without its host; below it the diff or the failure. */
export const formatSettled = (op: OpState, { paint, diff, verbose }: LineOptions): string[] => {
  const { outcome, ms = 0 } = op
  if (!outcome || (quiet.includes(outcome.is) && !verbose)) return []
  const [word, mark] = labels[outcome.is]
  const found = 'diff' in outcome ? outcome.diff : undefined
  const title = `${found ? `${chooseSymbol(found)} ` : ''}${op.kind} ${op.name}`
  const took = ms >= 1000 ? paint('quiet', `  (${formatTime(ms)})`) : ''
  return [
    formatLabel(paint, word, mark, `${title}${formatRemark(op, paint)}${took}`),
    ...(diff && found ? formatDiff(found, paint).map(line => `    ${line}`) : []),
    ...(outcome.is === 'failed' ? formatOwnFailure(op, outcome.error) : []),
  ]
}

const formatOwnFailure = ({ kind, name }: OpState, error: Failure): string[] =>
  formatFailure(omitName(error, `${kind} ${name}`)).map(line => `    ${line}`)

/** Formats the remark behind the name of an operation. */
const formatRemark = ({ outcome }: OpState, paint: Paint): string => {
  if (outcome?.is === 'changed' && !outcome.foreseen) return paint('unsure', '  (not foreseen)')
  if (outcome?.is === 'would-change' && outcome.disruptive)
    return paint('unsure', `  (disruptive: ${outcome.disruptive})`)
  if (outcome && 'why' in outcome) return `  ${outcome.why}`
  return outcome?.is === 'in-flight'
    ? '  the host was lost or the run stopped while it ran, or may have run'
    : ''
}

const formatCommand = (
  event: Extract<Event, { readonly type: 'command' }>,
  state: RunState,
  { paint, verbose }: LineOptions,
): string[] => {
  const { host, command, outcome, exitCode, ms, output } = event
  const how = [
    ...(exitCode === null || exitCode === 0 ? [] : [`exit ${exitCode}`]),
    ...(ms >= 1000 ? [formatTime(ms)] : []),
  ].join(', ')
  const first = formatRow(
    state,
    paint,
    host,
    outcome,
    outcome === 'ran' ? 'good' : 'bad',
    `${command}${how && paint('quiet', `  (${how})`)}`,
  )
  const said = verbose && output.trim() !== '' ? output.trimEnd().split('\n') : []
  return [first, ...said.map(line => formatRow(state, paint, host, '|', 'quiet', line))]
}

const formatFinished = (
  event: Extract<Event, { readonly type: 'host-finished' }>,
  state: RunState,
  { paint, verbose }: LineOptions,
): string[] => {
  const { host, result, error, trips, ms } = event
  if (result === 'ok')
    return verbose
      ? [
          formatRow(
            state,
            paint,
            host,
            'finished',
            'good',
            `${formatCount(trips, 'round trip')}, ${formatTime(ms)}`,
          ),
        ]
      : []
  if (!error || isReported(error.message, state.hosts.get(host))) return []
  const [first = '', ...rest] = formatFailure(error)
  return [formatRow(state, paint, host, result, 'bad', first), ...rest.map(line => `    ${line}`)]
}

/** True if a line has told it: that of an operation, or of a command. */
const isReported = (message: string, host: HostState | undefined): boolean =>
  host !== undefined &&
  (host.commands.some(command => endedRun(host, command)) ||
    host.ops.some(({ outcome }) => outcome?.is === 'failed' && outcome.error.message === message))

/** Formats `host  label  text`, with the text aligned to other lines. */
const formatRow = (
  state: RunState,
  paint: Paint,
  host: string,
  word: string,
  mark: Mark,
  text: string,
): string => `${formatHost(host, state, paint)}  ${formatLabel(paint, word, mark, text)}`

const formatLabel = (paint: Paint, word: string, mark: Mark, text: string): string =>
  `${paint(mark, word.padEnd(labelWidth))}  ${text}`.trimEnd()

/** Formats a host's name. It is never cut; a long one moves the rest of its line. */
const formatHost = (host: string, state: RunState, paint: Paint): string =>
  paint('strong', host.padEnd(Math.min(24, state.widest)))
