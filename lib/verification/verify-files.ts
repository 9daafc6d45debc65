import {
  chooseSample,
  compareFiles,
  findUnchanged,
  readFileList,
  readSums,
} from '../backups/file-list.ts'
import { checkFreshness } from '../backups/freshness.ts'
import {
  chooseGroup,
  countPacksRead,
  readSnapshots,
  type Snapshot,
} from '../backups/restic-output.ts'
import { type Checks, Finding } from './checks.ts'
import type { FilesSampled } from './night.ts'
import { type FileBackups, openRestic, type ResticCall } from './restic.ts'
import { readTree } from './restic-tree.ts'
import { restoreSample } from './restore-sample.ts'
import type { Throwaway } from './throwaway.ts'

/** What a verification has proven of the files. */
export type FileProof = {
  /** The snapshot of the files; null if there is no snapshot. */
  readonly snapshot: string | null
  /** The group of packs that was read; null if none was. */
  readonly group: number | null
  /** The files whose contents were compared; null if none were. */
  readonly sampled: FilesSampled | null
  /** Bytes of all files that did not change during the backup; null if they are not known. */
  readonly bytes: number | null
}

/**
 * Looks at the newest snapshots of an environment's files and of Redis: everything that did not
 * change during the backup must be in it, with its mode and owner; of a sample the contents are
 * restored and compared. A part of the repository's data is read each night.
 */
export const verifyFiles = async (
  place: Throwaway,
  backups: FileBackups,
  checks: Checks,
): Promise<FileProof> => {
  const call = openRestic(place, backups)
  const none = { snapshot: null, group: null, sampled: null, bytes: null }
  const snapshots = await readAll(call, backups, checks)
  if (!snapshots) return none
  const newest = (tag: string): Snapshot | undefined =>
    snapshots.findLast(({ tags }) => tags.includes(tag))
  const files = newest('files')
  checks.add(
    checkFreshness({
      name: 'freshness of the files',
      newest: files?.takenAt ?? null,
      sizes: [],
      maxHours: backups.maxHours ?? 26,
      now: backups.now(),
    }),
  )
  if (!files) return none
  const group = chooseGroup(backups.lastGroup, backups.nights ?? 16)
  const wasRead = await checks.make('repository of the files', () =>
    checks.time('check', () => checkRepository(call, group, backups.nights ?? 16)),
  )
  const found: Pick<FileProof, 'sampled' | 'bytes'>[] = []
  await checks.make('restore of files', async () => {
    const list = newest('files-list')
    if (!list || list.takenAt < files.takenAt)
      throw new Finding('failed', 'the snapshot of the files has no list: it cannot be compared')
    const result = await checks.time('restore files', () =>
      compare(place, call, backups, { files, list }),
    )
    found.push(result)
    return result.detail
  })
  await checks.make('redis', () =>
    checks.time('redis', () => checkRedis(place, call, newest('redis'), backups)),
  )
  const { sampled, bytes } = found[0] ?? none
  return { snapshot: files.id, group: wasRead ? group : null, sampled, bytes }
}

const readAll = async (
  call: ResticCall,
  { environment, askSeconds = 120 }: FileBackups,
  checks: Checks,
): Promise<Snapshot[] | null> => {
  try {
    const { stdout } = await call(['snapshots', '--json', '--host', environment], {
      what: 'the snapshots',
      seconds: askSeconds,
    })
    return readSnapshots(stdout)
  } catch (error) {
    await checks.make('freshness of the files', () => Promise.reject(error))
    return null
  }
}

const checkRepository = async (call: ResticCall, group: number, total: number): Promise<string> => {
  const { stdout } = await call(['check', `--read-data-subset=${group}/${total}`], {
    what: 'the repository',
  })
  const read = countPacksRead(stdout)
  return `sound; ${read ?? 'an unknown number of'} packs read, group ${group} of ${total}`
}

const compare = async (
  place: Throwaway,
  call: ResticCall,
  { random, sampleBytes = 256 * 1024 ** 2 }: FileBackups,
  { files, list }: { files: Snapshot; list: Snapshot },
): Promise<{ detail: string; sampled: FilesSampled; bytes: number }> => {
  const read = async (name: string): Promise<string> =>
    (await call(['dump', list.id, `/tmp/${name}`], { what: 'the list of the files' })).stdout
  const unchanged = findUnchanged(
    readFileList(await read('before')),
    readFileList(await read('after')),
  )
  const sums = readSums(await read('sums'))
  const { stdout } = await call(['ls', '--json', files.id], { what: 'the files' })
  const kept = readTree(stdout)
  const sample = chooseSample(unchanged, { bytes: sampleBytes, random })
  const restored = await restoreSample(place, call, files.id, sample)
  for (const path of sample) {
    const one = kept.get(path)
    if (one) kept.set(path, { ...one, ...(restored.get(path) ?? { sum: 'not restored' }) })
  }
  const differences = compareFiles(unchanged, sums, kept)
  if (differences.length > 0)
    throw new Finding(
      'failed',
      [
        ...differences.slice(0, 10),
        ...(differences.length > 10 ? [`and ${differences.length - 10} more`] : []),
      ].join('; '),
    )
  const count = (paths: Iterable<string>): number =>
    [...paths].reduce((sum, path) => {
      const file = unchanged.get(path)
      return file?.kind === 'f' ? sum + file.size : sum
    }, 0)
  const all = count(unchanged.keys())
  const bytes = count(sample)
  const share = all === 0 ? 1 : bytes / all
  return {
    bytes: all,
    sampled: { files: sample.length, bytes, share },
    detail:
      `${unchanged.size} files and folders as they were, the contents of ${sample.length} ` +
      `compared (${(share * 100).toFixed(0)} % of the bytes)`,
  }
}

const checkRedis = async (
  place: Throwaway,
  call: ResticCall,
  snapshot: Snapshot | undefined,
  { now, maxHours = 26 }: FileBackups,
): Promise<string> => {
  if (!snapshot) throw new Finding('failed', 'there is no backup of Redis')
  const age = checkFreshness({
    name: 'redis',
    newest: snapshot.takenAt,
    sizes: [],
    maxHours,
    now: now(),
  })
  if (age.is !== 'passed') throw new Finding(age.is, age.detail)
  await call(['dump', snapshot.id, '/tmp/redis.rdb'], { what: 'Redis', into: '/restore/redis.rdb' })
  const { exitCode, stdout } = await place.run({
    script: 'redis-check-rdb /restore/redis.rdb',
    seconds: 600,
  })
  if (exitCode !== 0)
    throw new Finding('failed', `its data are damaged: ${stdout.trim().split('\n').at(-1)}`)
  const keys = /\[info\] (\d+) keys read/.exec(stdout)?.[1] ?? 'an unknown number of'
  return `${keys} keys, ${age.detail}`
}
