import { Deferred } from '../../deferred.ts'
import type { Host } from '../../inventory/inventory.ts'
import { Unknown } from '../../operation.ts'
import { formatCount, formatTime } from '../../report/style.ts'
import type { Wanted } from '../batches.ts'
import type { Played } from '../options.ts'
import { keep, kept } from './cache.ts'
import { type Fact, type Facts, type Known, type Told, telling } from './fact.ts'

/** What a list is to know of its host before it is made. */
export type FactsWanted<F extends Facts> = {
  /** Facts of lib/facts.ts under names of your own. They cost one round trip. */
  readonly facts: F
  /**
   * Minutes for which facts that were read once are taken as they were; the recap says so. Default:
   * they are read each time.
   */
  readonly factsCache?: number
}

/** A host, and what was asked about it. */
export type Informed<F extends Facts> = Host & { readonly facts: Told<F> }

/** What of a run is used here. */
export type Informing = {
  /** Plays what reads the facts. */
  readonly look: (
    hosts: readonly Host[],
    list: (host: Host) => Wanted,
    name: string,
  ) => Promise<Played>
  readonly play: (
    hosts: readonly Host[],
    list: (host: Host) => Wanted,
    name: string,
  ) => Promise<Played>
  readonly note: (text: string, host?: string) => void
  /** Folder of the kept facts. */
  readonly folder: string
}

type Asked = readonly Fact<unknown>[]
type Values = ReadonlyMap<Fact<unknown>, Known>

/**
 * Reads the facts in a play of their own, which counts as any other, then plays the list on the
 * hosts that told all of theirs.
 */
export const informed = async <F extends Facts>(
  hosts: readonly Host[],
  { facts, factsCache }: FactsWanted<F>,
  list: (host: Informed<F>) => Wanted,
  name: string,
  run: Informing,
): Promise<Played> => {
  const asked = [...new Set(Object.values(facts))]
  const known =
    factsCache === undefined ? new Map<Host, Values>() : fromCache(hosts, asked, factsCache, run)
  const rest = hosts.filter(host => !known.has(host))
  const first =
    rest.length > 0 ? await gathered(rest, asked, known, run) : { ok: [], failed: [], changed: [] }
  if (factsCache !== undefined)
    for (const host of rest) keep(run.folder, host, known.get(host) ?? new Map(), Date.now())
  const told = (host: Host): Informed<F> => withFacts(host, facts, known.get(host) ?? new Map())
  const { ok, failed, changed } = await run.play(
    hosts.filter(host => known.has(host)),
    host => list(told(host)),
    name,
  )
  return { ok, changed, failed: [...first.failed, ...failed] }
}

const gathered = async (
  hosts: readonly Host[],
  asked: Asked,
  known: Map<Host, Values>,
  { look, note }: Informing,
): Promise<Played> => {
  const given = new Map(
    hosts.map(host => [
      host,
      new Map(asked.map(fact => [fact, new Deferred<Known>(`fact ${fact.name} of ${host.name}`)])),
    ]),
  )
  const one = (host: Host) =>
    [...(given.get(host) ?? [])].map(([fact, provides]) => telling({ fact, provides }))
  const played = await look(hosts, one, 'facts')
  for (const host of played.ok) {
    const values = [...(given.get(host) ?? [])].map(
      ([fact, provides]) => [fact, provides.get()] as const,
    )
    const unknown = values.filter(([, value]) => value instanceof Unknown).map(([{ name }]) => name)
    if (unknown.length === 0) known.set(host, new Map(values as [Fact<unknown>, Known][]))
    else
      note(
        `left out: what is listed from facts that are not known yet (${unknown.join(', ')})`,
        host.name,
      )
  }
  return played
}

/** What is kept and new enough; never used without a word. */
const fromCache = (
  hosts: readonly Host[],
  asked: Asked,
  minutes: number,
  { note, folder }: Informing,
): Map<Host, Values> => {
  const now = Date.now()
  const found = hosts.flatMap(host => {
    const one = kept(folder, host, asked, minutes, now)
    return one ? [{ host, ...one }] : []
  })
  if (found.length > 0)
    note(
      `the facts of ${formatCount(found.length, 'host')} are from ${folder}, up to ${formatTime(now - Math.min(...found.map(({ at }) => at)))} old`,
    )
  return new Map(found.map(({ host, known }) => [host, known]))
}

/** The host itself in all but `facts`: what it is asked for is its own to tell. */
const withFacts = <F extends Facts>(host: Host, facts: F, known: Values): Informed<F> => {
  const values = Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, known.get(fact)?.value]),
  )
  return new Proxy(host, {
    get: (target, key) => (key === 'facts' ? values : Reflect.get(target, key)),
  }) as Informed<F>
}
