import * as z from 'zod'
import { parseJson } from './parse-json.ts'
import { Unreadable } from './unreadable.ts'

/** A snapshot of files in a repository of restic. */
export type Snapshot = {
  /** 64 hex digits. */
  readonly id: string
  readonly takenAt: Date
  readonly host: string
  /** What was to be backed up; a path that was missing is not among them. */
  readonly paths: readonly string[]
  readonly tags: readonly string[]
}

const snapshots = z.array(
  z.object({
    id: z.string().regex(/^[0-9a-f]{64}$/, 'is not the id of a snapshot'),
    time: z.string().refine(text => !Number.isNaN(Date.parse(text)), 'is not a time'),
    hostname: z.string(),
    paths: z.array(z.string()),
    tags: z.array(z.string()).nullish(),
  }),
)

/**
 * Reads the output of `restic snapshots --json` (0.14 to 0.19); the oldest comes first. Throws
 * Unreadable if it is something else.
 */
export const readSnapshots = (text: string): Snapshot[] =>
  parse(snapshots, parseJson(text), 'snapshots')
    .map(one => ({
      id: one.id,
      takenAt: new Date(one.time),
      host: one.hostname,
      paths: one.paths,
      tags: one.tags ?? [],
    }))
    .sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime())

/** What `restic backup` has done. */
export type BackupSummary = {
  /** The snapshot's id, or its first 8 digits: restic 0.14 says no more. */
  readonly snapshot: string
  readonly files: number
  readonly bytes: number
}

const summary = z.object({
  message_type: z.literal('summary'),
  snapshot_id: z.string().regex(/^[0-9a-f]{8,64}$/),
  total_files_processed: z.int(),
  total_bytes_processed: z.int(),
})

/**
 * Reads the last line of `restic backup --json`, which the earlier lines (progress) come before.
 * Throws Unreadable if there is no summary: then there is no snapshot either.
 */
export const readBackupSummary = (text: string): BackupSummary => {
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  const found = parse(summary, parseJson(last), 'backup')
  return {
    snapshot: found.snapshot_id,
    files: found.total_files_processed,
    bytes: found.total_bytes_processed,
  }
}

/**
 * The group that `check --read-data-subset=n/t` reads in a night, from 1: one after another, so
 * that `total` nights read everything.
 */
export const chooseGroup = (lastGroup: number | null, total: number): number =>
  lastGroup === null || lastGroup >= total ? 1 : lastGroup + 1

/**
 * How many packs a check has read: 'read group #3 of 0 data packs' reads nothing and succeeds,
 * which proves nothing. Null if it does not say.
 */
export const countPacksRead = (text: string): number | null => {
  const found = /read group #\d+ of (\d+) data packs/.exec(text)
  return found ? Number(found[1]) : null
}

const parse = <T>(schema: z.ZodType<T>, value: unknown, command: string): T => {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Unreadable(
    `restic ${command} --json printed something else: ${z.prettifyError(parsed.error)}`,
  )
}
