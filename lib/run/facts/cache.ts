import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../../disk/write-whole.ts'
import { Unknown } from '../../operation.ts'
import type { Fact, FactValue } from './fact.ts'

/** The host of cached facts: another address is another host. */
export type FactSubject = { readonly name: string; readonly address: string; readonly port: number }

type CachedFacts = {
  readonly subject: string
  readonly facts: Readonly<
    Record<string, { readonly at: number; readonly probe: string; readonly printed: string }>
  >
}

/**
 * Reads the cached facts of a host. Returns null unless all of these facts are there and none is
 * older than so many minutes; `at` is when the oldest was read, in milliseconds.
 */
export const readCachedFacts = (
  folder: string,
  subject: FactSubject,
  facts: readonly Fact<unknown>[],
  minutes: number,
  now: number,
): { readonly at: number; readonly known: ReadonlyMap<Fact<unknown>, FactValue> } | null => {
  const all = readFile(folder, subject)
  let oldest = now
  const known = new Map<Fact<unknown>, FactValue>()
  for (const fact of facts) {
    const found = all.facts[fact.name]
    if (
      !found ||
      found.probe !== fact.probe.text ||
      found.at > now ||
      now - found.at > minutes * 60_000
    )
      return null
    const value = fact.read(found.printed)
    if (value instanceof Unknown) return null
    oldest = Math.min(oldest, found.at)
    known.set(fact, { printed: found.printed, value })
  }
  return { at: oldest, known }
}

/** Adds the facts read just now to a host's cache, readable by its owner only. */
export const writeCachedFacts = async (
  folder: string,
  subject: FactSubject,
  known: ReadonlyMap<Fact<unknown>, FactValue>,
  now: number,
): Promise<void> => {
  const news = Object.fromEntries(
    [...known].map(([{ name, probe }, { printed }]) => [
      name,
      { at: now, probe: probe.text, printed },
    ]),
  )
  const path = buildPath(folder, subject)
  const all: CachedFacts = {
    subject: formatSubject(subject),
    facts: { ...readFile(folder, subject).facts, ...news },
  }
  await writeWhole(path, JSON.stringify(all), 0o600)
}

/** Returns no facts if the cache is missing or unreadable: they are then read anew. */
const readFile = (folder: string, subject: FactSubject): CachedFacts => {
  try {
    const found = JSON.parse(readFileSync(buildPath(folder, subject), 'utf8')) as CachedFacts
    if (
      found.subject === formatSubject(subject) &&
      typeof found.facts === 'object' &&
      found.facts !== null
    )
      return found
  } catch {} // treated as an empty cache
  return { subject: '', facts: {} }
}

const formatSubject = ({ name, address, port }: FactSubject): string => `${name} ${address} ${port}`
const buildPath = (folder: string, { name }: FactSubject): string =>
  join(folder, `${name.replace(/[^\w.-]+/g, '-')}.json`)
