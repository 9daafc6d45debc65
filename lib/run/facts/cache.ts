import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Unknown } from '../../operation.ts'
import type { Fact, Known } from './fact.ts'

/** Whose facts they are: another address is another host. */
export type Subject = { readonly name: string; readonly address: string; readonly port: number }

type Kept = {
  readonly subject: string
  readonly facts: Readonly<
    Record<string, { readonly at: number; readonly probe: string; readonly printed: string }>
  >
}

/**
 * What is kept of a host, where it is all of these facts and none is older than so many minutes;
 * `at` is when the oldest was read, in milliseconds.
 */
export const kept = (
  folder: string,
  subject: Subject,
  facts: readonly Fact<unknown>[],
  minutes: number,
  now: number,
): { readonly at: number; readonly known: ReadonlyMap<Fact<unknown>, Known> } | null => {
  const all = read(folder, subject)
  let oldest = now
  const known = new Map<Fact<unknown>, Known>()
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

/**
 * Keeps what was read of a host just now, beside what is kept of it already. For its owner only.
 */
export const keep = (
  folder: string,
  subject: Subject,
  known: ReadonlyMap<Fact<unknown>, Known>,
  now: number,
): void => {
  const news = Object.fromEntries(
    [...known].map(([{ name, probe }, { printed }]) => [
      name,
      { at: now, probe: probe.text, printed },
    ]),
  )
  const path = pathOf(folder, subject)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const all: Kept = { subject: nameOf(subject), facts: { ...read(folder, subject).facts, ...news } }
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(all), { mode: 0o600 })
  renameSync(`${path}.${process.pid}`, path)
}

/** Nothing where nothing is kept, or what is kept cannot be read: then it is asked anew. */
const read = (folder: string, subject: Subject): Kept => {
  try {
    const found = JSON.parse(readFileSync(pathOf(folder, subject), 'utf8')) as Kept
    if (
      found.subject === nameOf(subject) &&
      typeof found.facts === 'object' &&
      found.facts !== null
    )
      return found
  } catch {} // as if nothing were kept
  return { subject: '', facts: {} }
}

const nameOf = ({ name, address, port }: Subject): string => `${name} ${address} ${port}`
const pathOf = (folder: string, { name }: Subject): string =>
  join(folder, `${name.replace(/[^\w.-]+/g, '-')}.json`)
