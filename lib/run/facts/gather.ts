import { join } from 'node:path'
import { Deferred } from '../../deferred.ts'
import type { Host } from '../../inventory/inventory.ts'
import { Unknown } from '../../operation.ts'
import { print } from '../../report/print.ts'
import { formatCount, formatTime } from '../../report/style.ts'
import type { RunContext } from '../context.ts'
import type { OperationList } from '../operation-list.ts'
import type { PlayedHosts, PlayOptions } from '../options.ts'
import type { PlayRunner } from '../play-runner.ts'
import { readCachedFacts, writeCachedFacts } from './cache.ts'
import {
  type Fact,
  type FactOptions,
  type Facts,
  type FactValue,
  type FactValues,
  factOperation,
} from './fact.ts'

/** A host with its facts. */
export type HostWithFacts<F extends Facts> = Host & { readonly facts: FactValues<F> }

type Values = ReadonlyMap<Fact<unknown>, FactValue>

/**
 * Gathers the facts in their own play, which counts as any other, then plays the list on the hosts
 * whose facts are all known.
 */
export const gatherFacts = async <F extends Facts>(
  hosts: readonly Host[],
  { facts, factsCache: minutes, ...options }: PlayOptions & FactOptions<F>,
  list: (host: HostWithFacts<F>) => OperationList,
  name: string,
  context: RunContext,
  runner: PlayRunner,
): Promise<PlayedHosts> => {
  const asked = [...new Set(Object.values(facts))]
  const folder = join(context.options.root, '.runs/facts')
  const known = new Map<Host, Values>(
    minutes === undefined ? [] : readCache(hosts, asked, minutes, folder, context),
  )
  const rest = hosts.filter(host => !known.has(host))
  const failed = rest.length > 0 ? await readFacts(rest, asked, known, context, runner) : []
  if (minutes !== undefined)
    for (const host of rest)
      await writeCachedFacts(folder, host, known.get(host) ?? new Map(), Date.now())
  const played = await runner.play(
    hosts.filter(host => known.has(host)),
    options,
    host => list(addFacts(host, facts, known.get(host) ?? new Map())),
    name,
  )
  return { ...played, failed: [...failed, ...played.failed] }
}

/** Reads the facts into `known`; returns the hosts on which that failed. */
const readFacts = async (
  hosts: readonly Host[],
  asked: readonly Fact<unknown>[],
  known: Map<Host, Values>,
  context: RunContext,
  runner: PlayRunner,
): Promise<readonly Host[]> => {
  const deferred = new Map(
    hosts.map(host => [
      host,
      asked.map(
        fact => [fact, new Deferred<FactValue>(`fact ${fact.name} of ${host.name}`)] as const,
      ),
    ]),
  )
  const listFacts = (host: Host) =>
    (deferred.get(host) ?? []).map(([fact, provides]) => factOperation({ fact, provides }))
  const played = await runner.play(hosts, {}, listFacts, 'facts')
  for (const host of played.ok) {
    const values = (deferred.get(host) ?? []).map(([fact, value]) => [fact, value.get()] as const)
    const unknown = values.filter(([, value]) => value instanceof Unknown).map(([{ name }]) => name)
    if (unknown.length === 0) known.set(host, new Map(values as [Fact<unknown>, FactValue][]))
    else noteLeftOut(host, unknown, context)
  }
  return played.failed
}

const noteLeftOut = (host: Host, facts: readonly string[], context: RunContext): void => {
  const names = facts.join(', ')
  const text = `left out: what is listed from facts that are not known yet (${names})`
  if (context.mode === 'list') print(`${host.name}\n  ${text}`)
  else context.note(text, host.name)
}

/** Reads the cached facts that are new enough; a note says that they are used. */
const readCache = (
  hosts: readonly Host[],
  asked: readonly Fact<unknown>[],
  minutes: number,
  folder: string,
  context: RunContext,
): [Host, Values][] => {
  const now = Date.now()
  const found = hosts.flatMap(host => {
    const cached = readCachedFacts(folder, host, asked, minutes, now)
    return cached ? [{ host, ...cached }] : []
  })
  if (found.length > 0) {
    const age = formatTime(now - Math.min(...found.map(({ at }) => at)))
    const count = formatCount(found.length, 'host')
    const text = `the facts of ${count} are from ${folder}, up to ${age} old`
    if (context.mode === 'list') print(text)
    else context.note(text)
  }
  return found.map(({ host, known }) => [host, known])
}

/** Returns the host itself with `facts` added. */
const addFacts = <F extends Facts>(host: Host, facts: F, known: Values): HostWithFacts<F> => {
  const values = Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, known.get(fact)?.value]),
  )
  return new Proxy(host, {
    get: (target, key) => (key === 'facts' ? values : Reflect.get(target, key)),
  }) as HostWithFacts<F>
}
