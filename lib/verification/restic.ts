import { explainRestic } from '../backups/restic-failure.ts'
import type { Secret } from '../secret.ts'
import { Finding } from './checks.ts'
import type { Ended } from './docker-process.ts'
import type { Throwaway } from './throwaway.ts'

/** The backups of an environment's files, and how they are verified. */
export type FileBackups = {
  readonly environment: string
  /** restic's place, `s3:URL/BUCKET/FOLDER`, and the region of its bucket. */
  readonly repository: string
  readonly region: string
  /** The repository's password, and keys that only read, as the file of S3's clients. */
  readonly secrets: { readonly restic: Secret; readonly s3: Secret }
  /** How old the newest snapshot may be, in hours. Default 26. */
  readonly maxHours?: number
  /** In how many nights all data are read. Default 16. */
  readonly nights?: number
  /** The group of packs that was read last, or null. */
  readonly lastGroup: number | null
  /** Bytes of files whose contents are looked at. Default 256 MiB. */
  readonly sampleBytes?: number
  readonly now: () => Date
  readonly random: () => number
  /** How long the first list of the repository may take. Default 120. */
  readonly askSeconds?: number
  /** How long one call of restic may take. Default 14400. */
  readonly seconds?: number
}

/**
 * Runs restic with arguments; its output may go to a file of the throwaway. `seconds` is how long
 * it may take, if it is not what the repository's calls may.
 */
export type ResticCall = (
  args: readonly string[],
  options?: { readonly into?: string; readonly what: string; readonly seconds?: number },
) => Promise<Ended>

/** Opens a repository: each call is a container beside the throwaway. Failures are Findings. */
export const openRestic =
  (place: Throwaway, { repository, region, secrets, seconds: most = 14_400 }: FileBackups) =>
  async (
    ...[
      args,
      { into = '/dev/stdout', what, seconds = most } = { what: 'restic' },
    ]: Parameters<ResticCall>
  ): Promise<Ended> => {
    const ended = await place.fetch({
      script: `export RESTIC_REPOSITORY="$1" AWS_DEFAULT_REGION="$2" into="$3"; shift 3
export RESTIC_PASSWORD_FILE=/dev/shm/restic AWS_SHARED_CREDENTIALS_FILE=/dev/shm/s3
export RESTIC_CACHE_DIR=/restore/cache
exec restic --no-lock "$@" >"$into"`,
      args: [repository, region, into, ...args],
      secrets,
      seconds,
    })
    if (ended.exitCode === 0) return ended
    const why = ended.exitCode === null ? 'other' : explainRestic(ended.exitCode, ended.stderr)
    const isFault = why === 'damaged' || why === 'no repository'
    throw new Finding(isFault ? 'failed' : 'unverified', `${what}: ${why}: ${shorten(ended)}`)
  }

/** The last line that a program printed on stderr. */
export const shorten = ({ exitCode, stderr }: Ended): string =>
  exitCode === null ? 'its time was over' : (stderr.trim().split('\n').at(-1) ?? '').slice(0, 300)
