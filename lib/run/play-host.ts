import {
  type ConvergeOptions,
  type ConvergeResult,
  converge,
  type DisruptionQueue,
} from '../converge/converge.ts'
import type { Emit } from '../events.ts'
import type { Session } from '../transport/session.ts'
import type { PlayEntry } from './play-entries.ts'

export type PlayHost = {
  readonly session: Session
  readonly entries: readonly PlayEntry[]
  /** In check mode: an earlier play would have changed something that this one may build on. */
  readonly pendingBefore?: boolean
  /** Why it is not played at all. Default: it is. */
  readonly bar?: string | null
  /** Further options of its convergence. Default none. */
  readonly converging?: Pick<ConvergeOptions, 'guard' | 'onPlanned' | 'approve'>
}

/** What all hosts of a play share. */
export type SharedOptions = Pick<
  ConvergeOptions,
  'check' | 'allowDisruption' | 'lease' | 'stop' | 'isProvided'
> & { readonly emit: Emit; readonly inTurn: DisruptionQueue }

/** Plays a host's list and reports what happens. What is not selected is skipped. */
export const playHost = async (
  { session, entries, pendingBefore = false, converging }: PlayHost,
  { emit, ...shared }: SharedOptions,
): Promise<ConvergeResult> => {
  const { host } = session
  const since = performance.now()
  skipUnselected(host, entries, emit)
  const selected = entries.filter(entry => entry.selected)
  const ops = selected.map(({ op }) => op)
  const result = await converge(ops, {
    host,
    numbers: selected.map(({ number }) => number),
    shell: rebootSeconds => session.shell(rebootSeconds),
    login: { anew: () => session.anew(), beside: work => session.beside(work) },
    emit,
    pendingBefore,
    ...shared,
    ...converging,
  })
  const { trips, error } = result
  const ms = Math.round(performance.now() - since)
  emit({
    type: 'host-finished',
    host,
    result: result.result,
    trips,
    ms,
    ...(error ? { error } : {}),
  })
  return result
}

/** Settles a host whose turn never came, without connecting to it. */
export const settleNotBegun = (
  { session, entries }: PlayHost,
  why: string,
  emit: Emit,
): ConvergeResult => {
  const { host } = session
  const outcome = { is: 'not-reached', why } as const
  skipUnselected(host, entries, emit)
  const selected = entries.filter(entry => entry.selected)
  for (const { op, number } of selected) {
    emit({ type: 'op-settled', host, op: number, outcome, ms: 0 })
    for (const deferred of op.provides) deferred.reject(`its host was not begun (${why})`)
  }
  emit({ type: 'host-finished', host, result: 'not-begun', trips: 0, ms: 0 })
  return { result: 'not-begun', trips: 0, outcomes: selected.map(() => outcome) }
}

const skipUnselected = (host: string, entries: readonly PlayEntry[], emit: Emit): void => {
  for (const { selected, number: op, why = 'its tags are not selected' } of entries)
    if (!selected) emit({ type: 'op-settled', host, op, outcome: { is: 'skipped', why }, ms: 0 })
}
