import pLimit from 'p-limit'
import { converge, type InTurn, type Result, type Told } from './converge/converge.ts'
import type { Lease } from './converge/exchange.ts'
import type { Emit, Listed } from './events.ts'
import { InputError } from './input-error.ts'
import type { Operation } from './operation.ts'
import type { Session } from './session.ts'

/** What a playbook wants of a host: a list of its own, or lists under the names of their roles, in order. */
export type Wanted = readonly Operation[] | { readonly [role: string]: readonly Operation[] }

/** One operation of a play, and the role that listed it. */
export type Entry = { readonly role: string; readonly op: Operation; readonly selected: boolean }

export type PlayHost = {
  readonly session: Session
  readonly entries: readonly Entry[]
  /** How many operations were listed on it in earlier plays of the run. */
  readonly before: number
  /** In check mode: an earlier play would have changed something it may build on. */
  readonly pendingBefore?: boolean
}

export type PlayOptions = {
  readonly play: number
  readonly check: boolean
  readonly allowDisruption: boolean
  /** Hosts worked on at a time. */
  readonly forks: number
  /** Null: none is taken. */
  readonly lease: Lease | null
  readonly stop: { readonly requested: boolean }
  readonly emit: Emit
}

/** The entries of what is wanted. `name` is the role of a list without roles. Two operations of one kind and name are an InputError. */
export const entries = (host: string, wanted: Wanted, name: string, selects: (role: string, op: Operation) => boolean): Entry[] => {
  const lists: [string, readonly Operation[]][] = Array.isArray(wanted) ? [[name, wanted as readonly Operation[]]] : Object.entries(wanted)
  const all = lists.flatMap(([role, ops]) => ops.map(op => ({ role, op, selected: selects(role, op) })))
  const seen = new Map<string, string>()
  for (const { role, op } of all) {
    const first = seen.get(op.id)
    if (first !== undefined)
      throw new InputError({
        place: host,
        message: `"${op.id}" is listed twice: by ${first} and by ${role}`,
        next: 'two wishes for one thing cannot both hold: keep one of them',
      })
    seen.set(op.id, role)
  }
  return all
}

/** Plays a list on each host, all at a time up to `forks`. One host's failure does not touch another. Results in the order of `hosts`. */
export const play = async (hosts: readonly PlayHost[], options: PlayOptions): Promise<Result[]> => {
  for (const { session, entries } of hosts)
    options.emit({ type: 'host-listed', host: session.host, play: options.play, ops: entries.map(listed) })
  const limit = pLimit(options.forks)
  const results = new Map<PlayHost, Result>()
  // Hosts that give something to others go first: with few forks, those that wait must not keep them from starting.
  const inTurn = oneAtATime()
  await Promise.all(
    giversFirst(hosts).map(host => limit(async () => results.set(host, await onHost(host, hosts, options, inTurn(host.session.host))))),
  )
  return hosts.map(host => results.get(host) as Result)
}

/** One host is disturbed at a time; after the first that is not well again, no other one. */
const oneAtATime = (): ((host: string) => InTurn) => {
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

const listed = ({ role, op }: Entry): Listed => ({ kind: op.kind, name: op.name, role, tags: op.tags })

const gives = ({ entries }: PlayHost): boolean => entries.some(({ op, selected }) => selected && op.gives.length > 0)
const giversFirst = (hosts: readonly PlayHost[]): PlayHost[] => [...hosts.filter(gives), ...hosts.filter(host => !gives(host))]

const onHost = async (
  { session, entries, before, pendingBefore = false }: PlayHost,
  all: readonly PlayHost[],
  options: PlayOptions,
  inTurn: InTurn,
): Promise<Result> => {
  const { emit, check, allowDisruption, lease, stop } = options
  const { host } = session
  const since = performance.now()
  const chosen = entries.flatMap((entry, at) => (entry.selected ? [{ op: entry.op, at }] : []))
  for (const [at, { selected }] of entries.entries())
    if (!selected) emit({ type: 'op-settled', host, op: before + at, outcome: { is: 'skipped', why: 'its tags are not selected' }, ms: 0 })
  const tell = (told: Told): void => {
    if (told.type === 'note' || told.type === 'round-started') emit({ ...told, host })
    else emit({ ...told, host, op: before + (chosen[told.op]?.at ?? 0) })
  }
  const shell = (awaySeconds?: number) => session.shell(awaySeconds)
  const given = new Set(all.flatMap(({ entries }) => entries.flatMap(({ op, selected }) => (selected ? op.gives : []))))
  const ops = chosen.map(({ op }) => op)
  const result = await converge(ops, {
    host,
    pendingBefore,
    shell,
    check,
    allowDisruption,
    ...(lease ? { lease } : {}),
    stop,
    tell,
    inTurn,
    given: needed => given.has(needed),
  })
  const { trips, error } = result
  emit({
    type: 'host-finished',
    host,
    result: result.result,
    trips,
    ms: Math.round(performance.now() - since),
    ...(error ? { error } : {}),
  })
  return result
}
