import type { BackupCheck, BackupVerdict } from '../backups/verdict.ts'

/** What one verification has shown of one environment's backups. It is plain JSON. */
export type EnvironmentNight = {
  readonly environment: string
  /** The cluster that it belongs to. */
  readonly cluster: string
  /** PASS only if every check was made and passed; `notCovered` says what no check looks at. */
  readonly verdict: BackupVerdict
  /** Why, if the verdict is not PASS; otherwise empty. */
  readonly reasons: readonly string[]
  /** Every check, in the order in which it was made. */
  readonly checks: readonly BackupCheck[]
  /** The full backup of the database that was restored; null if none was. */
  readonly backup: string | null
  /** The last moment that was restored, by the last canary. ISO 8601, UTC; null if none was. */
  readonly restorableTo: string | null
  /** What would have been lost: from `restorableTo` to the verification. Seconds, or null. */
  readonly rpoSeconds: number | null
  /** How long each stage took, in seconds, in order; those of RESTORE_STAGES are the RTO. */
  readonly stages: readonly { readonly name: string; readonly seconds: number }[]
  /** How large each backup is, in bytes. Those that are not known are missing. */
  readonly sizes: readonly { readonly name: string; readonly bytes: number }[]
  /** The files whose contents were restored and compared; null if none were. */
  readonly filesSampled: FilesSampled | null
  /** The group of packs of the files' repository that was read, from 1; null if none was. */
  readonly packGroup: number | null
  /** What is not backed up, or not verified, such as 'assets'. */
  readonly notCovered: readonly string[]
  /** Who can read the backups: whose keys open their encryption key; null if it is not known. */
  readonly readableBy: string | null
}

/** The sample of files whose contents were restored and compared. */
export type FilesSampled = {
  /** How many files. */
  readonly files: number
  /** Their size, in bytes. */
  readonly bytes: number
  /** Their share of the bytes of all files that did not change during the backup, from 0 to 1. */
  readonly share: number
}

/** One run of the verification: all environments that were to be verified. It is plain JSON. */
export type Night = {
  /** When it began, and when it ended: ISO 8601, UTC. */
  readonly began: string
  readonly ended: string
  /** The name of the host that verified. */
  readonly host: string
  /** The version of this runner. */
  readonly runnerVersion: string
  /** By the environments' names. */
  readonly environments: readonly EnvironmentNight[]
}
