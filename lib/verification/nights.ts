import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson } from '../backups/parse-json.ts'
import { writeWhole } from '../disk/write-whole.ts'
import type { Night } from './night.ts'

/** How many nights are kept: more than a year. */
const MOST = 400

const folderOf = (state: string): string => join(state, 'nights')

/** The nights of a state folder, the oldest first. Other files are passed over. */
export const readNights = async (state: string): Promise<Night[]> => {
  const texts = (await listNights(state)).map(name => readFile(join(folderOf(state), name), 'utf8'))
  return (await Promise.all(texts)).map(parseJson).filter(isNight)
}

/** Keeps a night in a state folder, under the time at which it began; the oldest ones go. */
export const keepNight = async (state: string, night: Night): Promise<void> => {
  const name = `${night.began.replaceAll(':', '-')}.json`
  await writeWhole(join(folderOf(state), name), `${JSON.stringify(night, null, 2)}\n`, 0o644)
  for (const old of (await listNights(state)).slice(0, -MOST))
    await rm(join(folderOf(state), old), { force: true })
}

/** The group of packs that was read last of an environment's files; null if none was. */
export const findLastGroup = (nights: readonly Night[], environment: string): number | null =>
  nights
    .flatMap(night => night.environments)
    .findLast(one => one.environment === environment && one.packGroup !== null)?.packGroup ?? null

const listNights = async (state: string): Promise<string[]> => {
  await mkdir(folderOf(state), { recursive: true, mode: 0o700 })
  return (await readdir(folderOf(state))).filter(name => /^\d{4}-.*Z\.json$/.test(name)).sort()
}

const isNight = (value: unknown): value is Night =>
  typeof value === 'object' &&
  value !== null &&
  'environments' in value &&
  Array.isArray(value.environments)
