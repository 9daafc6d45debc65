import type { Event, Failure, Listed, Outcome } from '../events.ts'
import type { Diff } from '../operation.ts'
import type { HostState, RunState, StepState } from './run-state.ts'

type Writable<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? Map<K, Writable<V>>
    : T extends ReadonlySet<infer V>
      ? Set<V>
      : T extends readonly (infer V)[]
        ? Writable<V>[]
        : T extends object
          ? {
              -readonly [K in keyof T]: T[K] extends Outcome | Diff | Failure | undefined
                ? T[K]
                : Writable<T[K]>
            }
          : T

/**
 * Reduces an event into the state of the run, the only place that does. It mutates the state: a run
 * of a thousand hosts has hundreds of thousands of events.
 */
export const reduce = (state: RunState, event: Event): RunState => {
  const run = state as Writable<RunState>
  run.at = event.at
  switch (event.type) {
    case 'run-started':
      run.playbook = event.playbook
      run.check = event.check
      for (const host of event.hosts) findHost(run, host)
      break
    case 'play-started':
      run.plays[event.play] = {
        name: event.name,
        hosts: [...event.hosts],
        listed: new Set(),
        steps: new Map(),
      }
      for (const host of event.hosts) findHost(run, host)
      break
    case 'note':
      run.notes.push({
        text: event.text,
        ...(event.host === undefined ? {} : { host: event.host }),
      })
      break
    case 'run-finished':
      run.exitCode = event.exitCode
      run.ms = event.ms
      if (event.error) run.error = event.error
      run.faults.push(...findUnsettled(state))
      break
    default:
      reduceHost(run, findHost(run, event.host), event)
  }
  return state
}

type Run = Writable<RunState>
type Host = Writable<HostState>
type OfHost = Extract<
  Event,
  { readonly host: string; readonly type: Exclude<Event['type'], 'note'> }
>

const reduceHost = (run: Run, host: Host, event: OfHost): void => {
  switch (event.type) {
    case 'host-connected':
      host.connectedMs ??= event.ms
      host.connectedAt ??= event.at
      break
    case 'host-listed':
      run.plays[event.play]?.listed.add(event.host)
      for (const op of event.ops) listOperation(run, host, event.play, op)
      break
    case 'round-started':
      endRound(host, event.at)
      host.rounds.push({ from: event.at, changes: event.changes })
      break
    case 'command':
      addCommand(host, event)
      break
    case 'host-finished':
      clearRunning(run, host)
      endRound(host, event.at)
      finishHost(host, event)
      break
    default:
      reduceOperation(run, host, event)
  }
}

const addCommand = (host: Host, event: Extract<OfHost, { readonly type: 'command' }>): void => {
  const { command, outcome, exitCode, ms, quiet } = event
  const output = outcome === 'ran' ? '' : event.output
  host.commands.push({ command, outcome, exitCode, ms, output, quiet })
}

const endRound = (host: Host, at: number): void => {
  const last = host.rounds.at(-1)
  if (last) last.until ??= at
}

/**
 * Finishes a host, once per play. Trips and time add up, and the first result other than ok is
 * kept.
 */
const finishHost = (
  host: Host,
  { result, trips, ms, error }: Extract<OfHost, { readonly type: 'host-finished' }>,
): void => {
  host.trips += trips
  host.ms = (host.ms ?? 0) + ms
  if (host.result === undefined || host.result === 'ok') host.result = result
  if (error) host.error ??= error
}

const listOperation = (run: Run, host: Host, play: number, op: Listed): void => {
  host.ops.push({ ...op, tags: [...op.tags], play })
  const step = findStep(run, play, op.role)
  step.left.set(host.name, (step.left.get(host.name) ?? 0) + 1)
  step.total++
}

type OfOp = Extract<OfHost, { readonly op: number }>

const reduceOperation = (run: Run, host: Host, event: OfOp): void => {
  const op = host.ops[event.op]
  if (!op) {
    run.faults.push(
      `${host.name}: ${event.type} for operation ${event.op}, ` +
        `but only ${host.ops.length} are listed`,
    )
    return
  }
  const step = findStep(run, op.play, op.role)
  switch (event.type) {
    case 'op-planned':
      op.planned = event.diff
      break
    case 'op-unknown':
      op.unknown = event.why
      break
    case 'op-started':
      op.startedAt = event.at
      clearRunning(run, host)
      host.running = event.op
      step.running.set(host.name, event.op)
      break
    case 'op-settled':
      if (op.outcome)
        run.faults.push(
          `${host.name}: ${op.kind} ${op.name} settled twice: ` +
            `${op.outcome.is}, then ${event.outcome.is}`,
        )
      else settle(run, host, event, step)
  }
}

const settle = (
  run: Run,
  host: Host,
  { op: at, outcome, ms }: Extract<OfOp, { readonly type: 'op-settled' }>,
  step: Writable<StepState>,
): void => {
  Object.assign(host.ops[at] ?? {}, { outcome, ms })
  host.counts[outcome.is]++
  if (host.running === at) clearRunning(run, host)
  if (outcome.is === 'changed') step.changed++
  if (outcome.is === 'would-change') step.wouldChange++
  if (outcome.is === 'unknown') step.unknown++
  if (outcome.is === 'failed') step.failed.push({ host: host.name, op: at })
  if (outcome.is === 'failed' || outcome.is === 'not-reached' || outcome.is === 'in-flight')
    step.stopped.add(host.name)
  step.settled++
  const left = (step.left.get(host.name) ?? 0) - 1
  step.left.set(host.name, left)
  if (left === 0 && !step.stopped.has(host.name)) step.done++
}

/** Clears the running operation of a host. */
const clearRunning = (run: Run, host: Host): void => {
  const op = host.running === undefined ? undefined : host.ops[host.running]
  if (op) findStep(run, op.play, op.role).running.delete(host.name)
  delete host.running
}

const noCounts = {
  ok: 0,
  changed: 0,
  'would-change': 0,
  unknown: 0,
  'not-reached': 0,
  skipped: 0,
  'in-flight': 0,
  failed: 0,
}

const findHost = (run: Run, name: string): Host => {
  const known = run.hosts.get(name)
  if (known) return known
  const host: Host = { name, ops: [], commands: [], counts: { ...noCounts }, rounds: [], trips: 0 }
  run.hosts.set(name, host)
  run.widest = Math.max(run.widest, name.length)
  return host
}

const findStep = (run: Run, play: number, role: string): Writable<StepState> => {
  run.plays[play] ??= { name: '', hosts: [], listed: new Set(), steps: new Map() }
  const { steps } = run.plays[play]
  const known = steps.get(role)
  if (known) return known
  const step: Writable<StepState> = {
    play,
    role,
    left: new Map(),
    total: 0,
    settled: 0,
    done: 0,
    changed: 0,
    wouldChange: 0,
    unknown: 0,
    stopped: new Set(),
    failed: [],
    running: new Map(),
  }
  steps.set(role, step)
  return step
}

const findUnsettled = (state: RunState): string[] =>
  [...state.hosts.values()].flatMap(host =>
    host.ops.flatMap(op =>
      op.outcome ? [] : [`${host.name}: ${op.kind} ${op.name} never settled`],
    ),
  )
