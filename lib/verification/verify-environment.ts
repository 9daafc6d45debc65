import { decideVerdict, REQUIRED_CHECKS } from '../backups/verdict.ts'
import { beginChecks, type Checks } from './checks.ts'
import type { DatabaseBackups, DatabaseProof } from './database-backups.ts'
import type { EnvironmentNight } from './night.ts'
import type { FileBackups } from './restic.ts'
import type { Throwaway } from './throwaway.ts'
import { verifyDatabase } from './verify-database.ts'
import { type FileProof, verifyFiles } from './verify-files.ts'

/** The backups of an environment, and what they are restored into. */
export type EnvironmentBackups = {
  readonly environment: string
  /** The cluster that it belongs to. */
  readonly cluster: string
  readonly database: Omit<DatabaseBackups, 'environment' | 'now' | 'random'>
  readonly files: Omit<FileBackups, 'environment' | 'now' | 'random'>
  /** Opens what the database, or the files, are restored into. */
  readonly open: (part: 'database' | 'files') => Promise<Throwaway>
  /** Names of required checks that are not made, since there is no such backup: 'assets'. */
  readonly notCovered: readonly string[]
  /** Who can read them, in one sentence. Default: it is not known. */
  readonly readableBy?: string | null
}

/** The clock and the dice of a verification. */
export type Circumstances = {
  readonly now: () => Date
  readonly random: () => number
  /** Hears of each check as it ends. Default: nobody does. */
  readonly tell?: Parameters<typeof beginChecks>[1]
}

/** What a part is proven to be; a test puts others in their place. */
const parts = { verifyDatabase, verifyFiles }

/**
 * Verifies an environment's backups: restores its database, then looks at its files. Never throws:
 * what keeps it from looking, such as an engine that is away, is COULD NOT VERIFY.
 */
export const verifyEnvironment = async (
  backups: EnvironmentBackups,
  { now, random, tell }: Circumstances,
  { verifyDatabase, verifyFiles } = parts,
): Promise<EnvironmentNight> => {
  const { environment } = backups
  const checks = beginChecks(undefined, tell)
  // One moment for all: what is restorable is measured against it, and restoring takes its time.
  const began = now()
  const more = { environment, now: () => began, random }
  const database = await within(backups, 'database', checks, place =>
    verifyDatabase(place, { ...backups.database, ...more }, checks),
  )
  const files = await within(backups, 'files', checks, place =>
    verifyFiles(place, { ...backups.files, ...more }, checks),
  )
  return describeNight(backups, checks, began, { database, files })
}

/** The night of an environment that nothing could be looked at of, and why. */
export const makeUnverified = (
  { environment, cluster }: Pick<EnvironmentNight, 'environment' | 'cluster'>,
  reason: string,
): EnvironmentNight => ({
  environment,
  cluster,
  verdict: 'COULD NOT VERIFY',
  reasons: [reason],
  checks: [],
  backup: null,
  restorableTo: null,
  rpoSeconds: null,
  stages: [],
  sizes: [],
  filesSampled: null,
  packGroup: null,
  notCovered: [],
  readableBy: null,
})

/** Looks at a part in a throwaway, which is gone afterwards. Null if it could not. */
const within = async <T>(
  { open }: EnvironmentBackups,
  part: 'database' | 'files',
  checks: Checks,
  look: (place: Throwaway) => Promise<T>,
): Promise<T | null> => {
  const held: { place?: Throwaway } = {}
  const isOpen = await checks.make(`a container for the ${part}`, async () => {
    held.place = await open(part)
    return held.place.name
  })
  const { place } = held
  if (!isOpen || !place) return null
  const found: { proof: T | null } = { proof: null }
  try {
    found.proof = await look(place)
  } catch (error) {
    await checks.make(`verification of the ${part}`, () => Promise.reject(error))
  }
  try {
    await place.end()
  } catch (error) {
    await checks.make(`removal of the container for the ${part}`, () => Promise.reject(error))
  }
  return found.proof
}

const describeNight = (
  { environment, cluster, notCovered, readableBy = null }: EnvironmentBackups,
  { made, stages }: Checks,
  began: Date,
  { database, files }: { database: DatabaseProof | null; files: FileProof | null },
): EnvironmentNight => {
  const required = REQUIRED_CHECKS.filter(name => !notCovered.includes(name))
  const restorableTo = database?.restorableTo ?? null
  const sizes = {
    'full backup': database?.bytes?.packed,
    'full backup, unpacked': database?.bytes?.unpacked,
    files: files?.bytes,
  }
  return {
    environment,
    cluster,
    ...decideVerdict(made, required),
    checks: made,
    backup: database?.backup ?? null,
    restorableTo: restorableTo?.toISOString() ?? null,
    rpoSeconds: restorableTo && Math.max(0, (began.getTime() - restorableTo.getTime()) / 1000),
    stages,
    sizes: Object.entries(sizes).flatMap(([name, bytes]) =>
      typeof bytes === 'number' ? [{ name, bytes }] : [],
    ),
    filesSampled: files?.sampled ?? null,
    packGroup: files?.group ?? null,
    notCovered,
    readableBy,
  }
}
