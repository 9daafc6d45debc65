import type { Secret } from '../secret.ts'
import type { SealedManifest } from './read-manifest.ts'

/** The backups of an environment's database, and how they are verified. */
export type DatabaseBackups = {
  readonly environment: string
  /** wal-g's configuration with keys that only read, and its encryption key. */
  readonly secrets: { readonly 'walg.json': Secret; readonly 'walg-key': Secret }
  /** The public half of the key that signs manifests, PEM. */
  readonly manifestKey: string
  /** Fetches a manifest; null if the bucket has none. Rejects if the bucket cannot be asked. */
  readonly fetchManifest: (backup: string) => Promise<SealedManifest | null>
  /** How old the newest full backup may be, in hours. Default 26. */
  readonly maxHours?: number
  /** How much may be lost, in minutes, by the canary. Default 15. */
  readonly maxLossMinutes?: number
  /** The application's own question, which must answer a row that is not 0. */
  readonly query: string
  readonly now: () => Date
  /** A number from 0 to 1, which chooses the second of the point-in-time restore. */
  readonly random: () => number
  /** How long a list of the bucket may take. Default 120. */
  readonly askSeconds?: number
  /** How long fetching and preparing the backup may take. Default 14400. */
  readonly seconds?: number
}

/** What a verification has proven of a database. */
export type DatabaseProof = {
  /** The full backup that was restored; null if none was. */
  readonly backup: string | null
  /** The last moment that was restored, by the canary; null if none was. */
  readonly restorableTo: Date | null
  /** Bytes of the full backup in the bucket, and unpacked; null if there was none. */
  readonly bytes: { readonly packed: number; readonly unpacked: number } | null
}
