import pLimit from 'p-limit'
import type { ConvergeResult, DisruptionQueue } from '../converge/converge.ts'
import type { Lease } from '../converge/options.ts'
import { InputError } from '../errors/input-error.ts'
import type { Emit } from '../events.ts'
import type { Operation } from '../operation.ts'
import { batchesOf, type Share, tooMany } from './batch-sizes.ts'
import { listsOf, type Wanted } from './operation-list.ts'
import { type Entry, type PlayHost, playHost, settleNotBegun, toListed } from './play-host.ts'

export type { Wanted } from './operation-list.ts'
export type { Entry, PlayHost } from './play-host.ts'

export type PlayOptions = {
  readonly play: number
  readonly check: boolean
  readonly allowDisruption: boolean
  /** Hosts worked on at a time. */
  readonly forks: number
  /** Sizes of the batches that are played one after the other. Default: all hosts are one. */
  readonly serial?: readonly Share[]
  /**
   * Hosts that may fail; with one more, no other is begun. Default: any number, but not all hosts
   * of a batch.
   */
  readonly maxFail?: Share
  /** Null: none is taken. */
  readonly lease: Lease | null
  readonly stop: { readonly requested: boolean }
  readonly emit: Emit
}

/**
 * Lists the entries of a host, numbered from `first`. `name` is the role of a list without roles.
 * Two operations of one kind and name are an InputError, and so is anything but a list.
 */
export const listEntries = (
  host: string,
  wanted: Wanted,
  name: string,
  selects: (role: string, op: Operation) => boolean,
  first = 0,
): Entry[] => {
  const all = listsOf(host, wanted, name)
    .flatMap(([role, ops]) => ops.map(op => ({ role, op, selected: selects(role, op) })))
    .map((entry, place) => ({ ...entry, number: first + place }))
  const seen = new Map<string, string>()
  for (const { role, op } of all) {
    const first = seen.get(op.key)
    if (first !== undefined)
      throw new InputError({
        place: host,
        message: `"${op.key}" is listed twice: by ${first} and by ${role}`,
        next: 'remove one of the two',
      })
    seen.set(op.key, role)
  }
  return all
}

/**
 * How a play ended: its results in the order of its hosts, and why it was given up where too many
 * failed.
 */
export type PlayResult = {
  readonly results: readonly ConvergeResult[]
  readonly givenUp: string | null
}

/**
 * Plays a list on each host, batch after batch, all of a batch at a time up to `forks`. One host's
 * failure does not touch another, but for
 * those that are not begun after too many.
 */
export const play = async (
  hosts: readonly PlayHost[],
  options: PlayOptions,
): Promise<PlayResult> => {
  const { emit, serial, maxFail } = options
  for (const { session, entries } of hosts)
    emit({
      type: 'host-listed',
      host: session.host,
      play: options.play,
      ops: entries.map(toListed),
    })
  const results = new Map<PlayHost, ConvergeResult>()
  const inTurn = oneAtATime()
  const givenUp = { why: null as string | null }
  for (const batch of batchesOf(hosts, serial)) {
    await playBatch(batch, { ...options, inTurn, givenUp, results, all: hosts.length })
    if (serial && maxFail === undefined && batch.every(host => isLost(results.get(host))))
      givenUp.why ??= 'every host of the batch before it failed'
  }
  return { results: hosts.map(host => results.get(host) as ConvergeResult), givenUp: givenUp.why }
}

type Batch = PlayOptions & {
  readonly inTurn: (host: string) => DisruptionQueue
  readonly givenUp: { why: string | null }
  readonly results: Map<PlayHost, ConvergeResult>
  readonly all: number
}

const playBatch = async (batch: readonly PlayHost[], options: Batch): Promise<void> => {
  const { check, allowDisruption, lease, stop, emit, inTurn, givenUp, results, maxFail, all } =
    options
  const limit = pLimit(options.forks)
  const given = new Set(
    batch.flatMap(({ entries }) =>
      entries.flatMap(({ op, selected }) => (selected ? op.provides : [])),
    ),
  )
  const common = {
    check,
    allowDisruption,
    ...(lease ? { lease } : {}),
    stop,
    emit,
    isProvided: given.has.bind(given),
  }
  const one = async (host: PlayHost): Promise<void> => {
    const bar = givenUp.why ?? host.bar ?? null
    if (bar !== null) results.set(host, settleNotBegun(host, bar, emit))
    else results.set(host, await playHost(host, { ...common, inTurn: inTurn(host.session.host) }))
    const lost = [...results.values()].filter(isLost).length
    if (maxFail !== undefined) givenUp.why ??= tooMany(lost, all, maxFail)
  }
  // Hosts that give something to others go first: with few forks, those that wait must not keep
  // them from starting.
  await Promise.all(giversFirst(batch).map(host => limit(one, host)))
}

const isLost = (result: ConvergeResult | undefined): boolean =>
  result?.result === 'failed' || result?.result === 'unreachable'

/** One host is disturbed at a time; after the first that is not well again, no other one. */
const oneAtATime = (): ((host: string) => DisruptionQueue) => {
  const limit = pLimit(1)
  let stuck: string | null = null
  return host => work =>
    limit(async () => {
      if (stuck !== null) return `${stuck} was disturbed before, and is not well again`
      stuck = host
      if (await work()) stuck = null
      return null
    })
}

const provides = ({ entries }: PlayHost): boolean =>
  entries.some(({ op, selected }) => selected && op.provides.length > 0)
const giversFirst = (hosts: readonly PlayHost[]): PlayHost[] => [
  ...hosts.filter(provides),
  ...hosts.filter(host => !provides(host)),
]
