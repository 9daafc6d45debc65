import { checkFreshness } from '../backups/freshness.ts'
import {
  type ArchivedBinlog,
  findNewestBackup,
  type ListedBackup,
  readArchivedBinlogs,
  readFullBackups,
} from '../backups/full-backup.ts'
import { compareObjects, compareUnit, type Manifest } from '../backups/manifest.ts'
import { selectBinlogs } from '../backups/select-binlogs.ts'
import { type Checks, Finding } from './checks.ts'
import type { DatabaseBackups, DatabaseProof } from './database-backups.ts'
import { explainWalg, findError } from './explain-walg.ts'
import { openManifest } from './read-manifest.ts'
import { replayToEnd } from './replay-to-end.ts'
import {
  readObjects,
  readPosition,
  readUnit,
  replayBinlogs,
  startServer,
} from './restored-database.ts'
import type { Throwaway } from './throwaway.ts'

const walg = 'wal-g --config /dev/shm/walg.json'

/**
 * Restores the newest full backup of a database into a throwaway, replays the binary logs unit by
 * unit of its manifest and compares, restores a random second, and goes on to the end. Each check
 * is added to the list; those that rest on one that did not pass are not made.
 */
export const verifyDatabase = async (
  place: Throwaway,
  backups: DatabaseBackups,
  checks: Checks,
): Promise<DatabaseProof> => {
  const found = await findBackup(place, backups, checks)
  if (!found) return { backup: null, restorableTo: null, bytes: null }
  const { backup, binlogs } = found
  const bytes = { packed: backup.compressedSize, unpacked: backup.uncompressedSize }
  const proof = { backup: backup.name, restorableTo: null, bytes }
  const held: { manifest?: Manifest; files: readonly string[] } = { files: [] }
  const isRestored =
    (await checks.make('restore of the database', () => restore(place, backups, backup, checks))) &&
    (await checks.make('binary logs without a gap', async () => {
      held.files = await checks.time('fetch binary logs', () =>
        fetchBinlogs(place, backups, binlogs),
      )
      return `${held.files.length} after ${backup.name}`
    })) &&
    (await checks.make('manifest', async () => {
      held.manifest = await readSealed(backups, backup)
      return `${held.manifest.units.length} units, to ${held.manifest.gtid}`
    }))
  if (!isRestored || !held.manifest) return proof
  const { files, manifest } = held
  const isEqual =
    (await checks.make('contents of the database', () =>
      compareAll(place, files, manifest, checks),
    )) &&
    (await checks.make('replay to the manifest', async () => {
      await checks.time('replay', () => replayBinlogs(place, files, { gtid: manifest.gtid }))
      return manifest.gtid
    })) &&
    (await checks.make('objects of the database', () =>
      checks.time('compare', () => compareDefinitions(place, manifest)),
    ))
  if (!isEqual) return proof
  return {
    ...proof,
    restorableTo: await replayToEnd(
      place,
      backups,
      { files, span: findSpan(manifest, binlogs) },
      checks,
    ),
  }
}

/** From the end of the manifest to the time at which the last binary log was archived. */
const findSpan = (
  { ended }: Manifest,
  binlogs: readonly ArchivedBinlog[],
): readonly [Date, Date] => [
  new Date(ended),
  new Date(Math.max(...binlogs.map(({ archivedAt }) => archivedAt.getTime()))),
]

const findBackup = async (
  place: Throwaway,
  { secrets, maxHours = 26, askSeconds = 120, now, environment }: DatabaseBackups,
  checks: Checks,
): Promise<{ backup: ListedBackup; binlogs: readonly ArchivedBinlog[] } | null> => {
  const list: { full: readonly ListedBackup[]; binlogs: readonly ArchivedBinlog[] } = {
    full: [],
    binlogs: [],
  }
  const name = 'freshness of the database'
  const read = async (command: string): Promise<string> => {
    const ended = await place.fetch({
      script: `exec ${walg} ${command}`,
      secrets,
      seconds: askSeconds,
    })
    if (ended.exitCode === 0) return ended.stdout
    throw new Finding('unverified', `the bucket of ${environment}: ${explain(ended)}`)
  }
  try {
    Object.assign(list, {
      full: readFullBackups(await read('backup-list --detail --json')),
      binlogs: readArchivedBinlogs(await read('binlog-list --json')),
    })
  } catch (error) {
    await checks.make(name, () => Promise.reject(error))
    return null
  }
  const newest = findNewestBackup(list.full)
  checks.add(
    checkFreshness({
      name,
      newest: newest?.stoppedAt ?? null,
      sizes: list.full.toReversed().map(one => one.uncompressedSize),
      maxHours,
      now: now(),
    }),
  )
  // An old backup is restored all the same: that it can be is worth knowing.
  return newest ? { backup: newest, binlogs: list.binlogs } : null
}

const explain = ({ exitCode, stderr }: { exitCode: number | null; stderr: string }): string =>
  exitCode === null ? 'no answer in time' : findError(stderr)

const restore = async (
  place: Throwaway,
  { secrets, seconds = 14_400 }: DatabaseBackups,
  { name }: ListedBackup,
  { time }: Checks,
): Promise<string> => {
  const ended = await time('fetch', () =>
    place.fetch({
      script: `exec ${walg} backup-fetch "$1"`,
      args: [name],
      secrets,
      seconds,
    }),
  )
  refuseFailure(ended, name)
  const from = await readPosition(place)
  await time('start', () => startServer(place, from))
  const broken = await time('check', () =>
    place.run({
      script:
        'mariadb-check --no-defaults --socket=/run/mysqld/mysqld.sock --all-databases --silent',
      seconds,
    }),
  )
  if (broken.exitCode !== 0 || broken.stdout.trim() !== '')
    throw new Finding(
      'failed',
      `a table is broken: ${broken.stdout.trim() || broken.stderr.trim()}`,
    )
  return `${name}, at ${from.gtid ?? 'no transaction'}`
}

const refuseFailure = (ended: { exitCode: number | null; stderr: string }, what: string): void => {
  if (ended.exitCode === 0) return
  const why = ended.exitCode === null ? 'other' : explainWalg(ended.stderr)
  throw new Finding(
    why === 'damaged' || why === 'missing' ? 'failed' : 'unverified',
    `${what}: ${explain(ended)}`,
  )
}

const fetchBinlogs = async (
  place: Throwaway,
  { secrets, seconds = 14_400 }: DatabaseBackups,
  archived: readonly ArchivedBinlog[],
): Promise<readonly string[]> => {
  const { file } = await readPosition(place)
  const choice = selectBinlogs(file, archived)
  if (choice.missing !== undefined)
    throw new Finding(
      'failed',
      `${choice.missing} is missing: restorable to ${choice.reaches ?? 'the full backup'} only`,
    )
  const ended = await place.fetch({
    script: `mkdir -p /restore/archive
for file in "$@"; do
  ${walg} st cat --decrypt --decompress "binlog_005/$file.zst" >"/restore/archive/$file" || {
    echo "in $file" >&2
    exit 1
  }
done`,
    args: choice.files,
    secrets,
    seconds,
  })
  refuseFailure(ended, /^in (\S+)$/m.exec(ended.stderr)?.[1] ?? 'binary logs')
  return choice.files
}

const readSealed = async (backups: DatabaseBackups, { name }: ListedBackup): Promise<Manifest> => {
  const sealed = await backups.fetchManifest(name)
  if (!sealed)
    throw new Finding('failed', `${name} has no manifest: what it contains cannot be compared`)
  return openManifest(
    sealed,
    { environment: backups.environment, backup: name },
    { publicKey: backups.manifestKey, password: backups.secrets['walg-key'] },
  )
}

/** Every unit at the position at which it was read. The finding names ten differences at most. */
const compareAll = async (
  place: Throwaway,
  files: readonly string[],
  { units }: Manifest,
  { time }: Checks,
): Promise<string> => {
  const differences: string[] = []
  for (const unit of units) {
    await time('replay', () => replayBinlogs(place, files, { gtid: unit.gtid }))
    const restored = await time('compare', () => readUnit(place, unit.table, unit.where))
    const difference = compareUnit(unit, restored)
    if (difference) differences.push(difference)
  }
  if (differences.length > 0) throw new Finding('failed', formatSome(differences))
  const tables = new Set(units.map(({ table }) => table)).size
  return `${tables} tables, ${units.reduce((sum, unit) => sum + Number(unit.rows), 0)} rows`
}

const compareDefinitions = async (place: Throwaway, { objects }: Manifest): Promise<string> => {
  const differences = compareObjects(objects, await readObjects(place))
  if (differences.length > 0) throw new Finding('failed', formatSome(differences))
  return `${Object.keys(objects).length} objects`
}

const formatSome = (all: readonly string[]): string =>
  [...all.slice(0, 10), ...(all.length > 10 ? [`and ${all.length - 10} more`] : [])].join('; ')
