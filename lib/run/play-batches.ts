import pLimit from 'p-limit'
import type { ConvergeResult } from '../converge/converge.ts'
import type { Lease } from '../converge/options.ts'
import { settlesWithin } from '../converge/settles-within.ts'
import type { Emit } from '../events.ts'
import type { Turn } from '../transport/turns.ts'
import type { OpenDisruptionQueue } from './disruption-queues.ts'
import { explainGivingUp, type HostShare, splitIntoBatches } from './host-share.ts'
import { toListed } from './play-entries.ts'
import { type PlayHost, playHost, settleNotBegun } from './play-host.ts'

export type BatchOptions = {
  /** The number of the play in its run. */
  readonly play: number
  readonly check: boolean
  readonly allowDisruption: boolean
  /** The queues of the run: two of its plays may be under way at the same time. */
  readonly openQueue: OpenDisruptionQueue
  /** Hosts worked on at a time. */
  readonly forks: number
  /** Sizes of the batches that are played one after the other. Default: all hosts are one. */
  readonly serial?: readonly HostShare[]
  /**
   * Hosts that may fail; with one more, no other is begun. Default: any number, but not all hosts
   * of a batch.
   */
  readonly maxFail?: HostShare
  /** Null: none is taken. */
  readonly lease: Lease | null
  readonly stop: { readonly requested: boolean }
  readonly emit: Emit
}

/** How a play ended. */
export type PlayResult = {
  /** In the order of its hosts. */
  readonly results: readonly ConvergeResult[]
  /** Why no further host was begun, if too many failed. */
  readonly givenUp: string | null
}

/**
 * Plays a list on each host, batch after batch; the hosts of a batch at the same time, up to
 * `forks`. One host's failure does not affect another, except those that are not begun after too
 * many failures.
 */
export const playBatches = async (
  hosts: readonly PlayHost[],
  options: BatchOptions,
): Promise<PlayResult> => {
  const { emit, serial, maxFail, play } = options
  for (const { session, entries } of hosts)
    emit({ type: 'host-listed', host: session.host, play, ops: entries.map(toListed) })
  const progress: Progress = {
    // All at the same time: of two plays that wait for each other's hosts, neither would end.
    turns: new Map(hosts.map(host => [host, host.session.turns.ask()])),
    givenUp: null,
    results: new Map(),
    all: hosts.length,
  }
  const { results } = progress
  try {
    for (const batch of splitIntoBatches(hosts, serial)) {
      await playBatch(batch, options, progress)
      if (serial && maxFail === undefined && batch.every(host => hasFailed(results.get(host))))
        progress.givenUp ??= 'every host of the batch before it failed'
    }
  } finally {
    for (const turn of progress.turns.values()) turn.end()
  }
  return {
    results: hosts.map(host => results.get(host) as ConvergeResult),
    givenUp: progress.givenUp,
  }
}

type Progress = {
  /** The place of each host in the queue for its shell. */
  readonly turns: ReadonlyMap<PlayHost, Turn>
  givenUp: string | null
  readonly results: Map<PlayHost, ConvergeResult>
  /** The number of hosts of the play. */
  readonly all: number
}

const playBatch = async (
  batch: readonly PlayHost[],
  options: BatchOptions,
  progress: Progress,
): Promise<void> => {
  const { check, allowDisruption, openQueue, lease, stop, emit, maxFail } = options
  const { results } = progress
  const provided = new Set(batch.flatMap(listProvided))
  const shared = {
    check,
    allowDisruption,
    ...(lease ? { lease } : {}),
    stop,
    emit,
    isProvided: provided.has.bind(provided),
  }
  const playOne = async (host: PlayHost): Promise<void> => {
    const turn = progress.turns.get(host) as Turn
    if (!turn.begun) await awaitTurn(host.session.host, turn, options)
    const bar = progress.givenUp ?? host.bar ?? null
    const inTurn = openQueue(host.session.host)
    const result =
      bar === null ? await playHost(host, { ...shared, inTurn }) : settleNotBegun(host, bar, emit)
    turn.end()
    results.set(host, result)
    const failed = [...results.values()].filter(hasFailed).length
    if (maxFail !== undefined) progress.givenUp ??= explainGivingUp(failed, progress.all, maxFail)
  }
  const limit = pLimit(options.forks)
  await Promise.all(putProvidersFirst(batch).map(host => limit(playOne, host)))
}

/** Waits for what uses the host's shell before it, such as another play of this run. */
const awaitTurn = async (
  host: string,
  { begins }: Turn,
  { emit, stop }: Pick<BatchOptions, 'emit' | 'stop'>,
): Promise<void> => {
  emit({ type: 'note', host, text: 'waits until what this run does here already is done' })
  await settlesWithin(Number.POSITIVE_INFINITY, begins, () => stop.requested)
}

const hasFailed = (result: ConvergeResult | undefined): boolean =>
  result?.result === 'failed' || result?.result === 'unreachable'

const listProvided = ({ entries }: PlayHost) =>
  entries.flatMap(({ op, selected }) => (selected ? op.provides : []))

/** With few forks, hosts that wait for a value must not keep its provider from starting. */
const putProvidersFirst = (hosts: readonly PlayHost[]): PlayHost[] => [
  ...hosts.filter(host => listProvided(host).length > 0),
  ...hosts.filter(host => listProvided(host).length === 0),
]
