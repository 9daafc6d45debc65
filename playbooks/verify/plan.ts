/** What would be verified, and with which keys: what verify-backups says in check mode. */
import { existsSync } from 'node:fs'
import { InputError } from '../../lib/errors/input-error.ts'
import { ScriptError } from '../../lib/errors/script-error.ts'
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import { print } from '../../lib/report/print.ts'
import type { Run } from '../../lib/run/run.ts'
import { type FoundBackups, locateEntryBackups } from './read-backups.ts'
import { formatPlan } from './words.ts'

/** Where the backups of each environment are, or why that is not known. */
export type Places = ReadonlyMap<Entry, FoundBackups | Error>

/** Finds them. An environment whose keys cannot be found keeps no other from being verified. */
export const findPlaces = async (run: Run, entries: readonly Entry[]): Promise<Places> => {
  const found = new Map<Entry, FoundBackups | Error>()
  for (const entry of entries)
    found.set(entry, await catchInput(() => locateEntryBackups(entry, run, run.lab)))
  return found
}

/** Shows what would be verified. Returns the exit code: 4 if a secret is missing. */
export const showPlan = async (run: Run, found: Places, state: string): Promise<number> => {
  let isWhole = true
  for (const [{ name }, place] of found) {
    const missing = place instanceof Error ? [] : await listMissing(run, place)
    isWhole &&= !(place instanceof Error) && missing.length === 0
    const lines =
      place instanceof Error ? [`${name}:`, `  ${place.message}`] : formatPlan(name, place, missing)
    print(lines.join('\n'))
  }
  print(`State: ${state}${existsSync(state) ? '' : ', which will be made'}. Nothing was done.`)
  return isWhole ? 0 : 4
}

/** A scope that would not have a secret says so with an error. */
const listMissing = async (run: Run, { secrets }: FoundBackups): Promise<string[]> => {
  const missing: string[] = []
  for (const secret of Object.values(secrets)) {
    const found = await catchInput(() => run.find(secret))
    if (found === null || found instanceof Error) missing.push(secret)
  }
  return missing
}

/** Bad input is returned; a run gives it as an error that ends a script. */
const catchInput = async <T>(work: () => Promise<T>): Promise<T | Error> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof InputError || error instanceof ScriptError) return error
    throw error
  }
}
