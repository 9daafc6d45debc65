import {
  converge,
  type InTurn,
  type Options,
  type Result,
  type Told,
} from '../converge/converge.ts'
import type { Emit, Listed } from '../events.ts'
import type { Operation } from '../operation.ts'
import type { Session } from '../transport/session.ts'

/** One operation of a play, and the role that listed it. */
export type Entry = {
  readonly role: string
  readonly op: Operation
  readonly selected: boolean
  /** Why it is not. Default: its tags are not selected. */
  readonly why?: string
}

export type PlayHost = {
  readonly session: Session
  readonly entries: readonly Entry[]
  /** How many operations were listed on it in earlier plays of the run. */
  readonly before: number
  /** In check mode: an earlier play would have changed something it may build on. */
  readonly pendingBefore?: boolean
  /** Why it is not played at all. Default: it is. */
  readonly bar?: string | null
  /** What else its convergence is told. Default nothing. */
  readonly converging?: Pick<Options, 'hold' | 'seen' | 'ask'>
}

/** What every host of a play is told of it. */
export type Common = Pick<Options, 'check' | 'allowDisruption' | 'lease' | 'stop' | 'given'> & {
  readonly emit: Emit
  readonly inTurn: InTurn
}

export const listed = ({ role, op }: Entry): Listed => ({
  kind: op.kind,
  name: op.name,
  role,
  tags: op.tags,
})

/** Plays a host's list, and tells what happens. What is not selected is skipped. */
export const playHost = async (
  playing: PlayHost,
  { emit, inTurn, ...common }: Common,
): Promise<Result> => {
  const { session, entries, before, pendingBefore = false, converging } = playing
  const { host } = session
  const since = performance.now()
  skip(playing, emit)
  const chosen = entries.flatMap((entry, at) => (entry.selected ? [{ op: entry.op, at }] : []))
  const tell = (told: Told): void => {
    if (told.type === 'note' || told.type === 'round-started') emit({ ...told, host })
    else emit({ ...told, host, op: before + (chosen[told.op]?.at ?? 0) })
  }
  const ops = chosen.map(({ op }) => op)
  const shell = (awaySeconds?: number) => session.shell(awaySeconds)
  const result = await converge(ops, {
    host,
    pendingBefore,
    shell,
    tell,
    inTurn,
    ...common,
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

/** Settles a host whose turn never came: nothing of it is connected or reached. */
export const notBegun = (playing: PlayHost, why: string, emit: Emit): Result => {
  const { session, entries, before } = playing
  const { host } = session
  const outcome = { is: 'not-reached', why } as const
  skip(playing, emit)
  for (const [at, { selected, op }] of entries.entries()) {
    if (!selected) continue
    emit({ type: 'op-settled', host, op: before + at, outcome, ms: 0 })
    for (const needed of op.provides) needed.reject(`its host was not begun (${why})`)
  }
  emit({ type: 'host-finished', host, result: 'not-begun', trips: 0, ms: 0 })
  return {
    result: 'not-begun',
    trips: 0,
    outcomes: entries.flatMap(({ selected }) => (selected ? [outcome] : [])),
  }
}

const skip = ({ session, entries, before }: PlayHost, emit: Emit): void => {
  for (const [at, { selected, why = 'its tags are not selected' }] of entries.entries())
    if (!selected)
      emit({
        type: 'op-settled',
        host: session.host,
        op: before + at,
        outcome: { is: 'skipped', why },
        ms: 0,
      })
}
