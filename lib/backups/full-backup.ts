import * as z from 'zod'
import { parseJson } from './parse-json.ts'
import { Unreadable } from './unreadable.ts'

/** A full backup of a database, as wal-g lists it. */
export type ListedBackup = {
  /** `stream_YYYYMMDDThhmmssZ`: when its push began, UTC, in whole seconds. */
  readonly name: string
  /** When its push began. */
  readonly startedAt: Date
  /** When its push ended, which is the moment of its data. */
  readonly stoppedAt: Date
  /** Bytes of the compressed stream in the bucket. */
  readonly compressedSize: number
  /** Bytes of the stream before it was compressed. */
  readonly uncompressedSize: number
  /** The last binary log that was in the archive when it ended; null if none was. */
  readonly lastBinlog: string | null
  /** Retention keeps it. Its binary logs are removed all the same. */
  readonly isPermanent: boolean
}

const time = z.string().transform((text, context) => {
  const date = new Date(text)
  if (!Number.isNaN(date.getTime())) return date
  context.addIssue({ code: 'custom', message: `${text} is not a time` })
  return z.NEVER
})
const name = z.string().regex(/^stream_\d{8}T\d{6}Z$/, 'is not the name of a backup')

const listed = z.array(
  z.object({
    backup_name: name,
    start_local_time: time,
    stop_local_time: time,
    compressed_size: z.int().min(0),
    uncompressed_size: z.int().min(0),
    binlog_end: z.string().optional(),
    is_permanent: z.boolean(),
  }),
)

/**
 * Reads the output of `wal-g backup-list --detail --json`; the oldest backup comes first, by name.
 * Only complete backups are listed, but the stream of one may be gone.
 * Throws Unreadable if the text is something else.
 */
export const readFullBackups = (text: string): ListedBackup[] =>
  parse(listed, text, 'backup-list --detail --json')
    .map(one => ({
      name: one.backup_name,
      startedAt: one.start_local_time,
      stoppedAt: one.stop_local_time,
      compressedSize: one.compressed_size,
      uncompressedSize: one.uncompressed_size,
      lastBinlog: one.binlog_end || null,
      isPermanent: one.is_permanent,
    }))
    .sort((a, b) => compareText(a.name, b.name))

/**
 * The newest backup by its name; null if the list is empty. wal-g's own `LATEST` goes by the time
 * of an object, which changes when an old backup is marked.
 */
export const findNewestBackup = (backups: readonly ListedBackup[]): ListedBackup | null =>
  backups.toSorted((a, b) => compareText(a.name, b.name)).at(-1) ?? null

/** A binary log in the archive. */
export type ArchivedBinlog = {
  /** `mariadb-bin.000001` */
  readonly name: string
  /** When the archive got it: nothing in it is later. */
  readonly archivedAt: Date
}

const binlogs = z.array(
  z.object({
    name: z.string().regex(/^[^/]+\.\d{6,}$/, 'is not the name of a binary log'),
    last_modified: time,
  }),
)

/** Reads the output of `wal-g binlog-list --json`. Throws Unreadable if it is something else. */
export const readArchivedBinlogs = (text: string): ArchivedBinlog[] =>
  parse(binlogs, text, 'binlog-list --json').map(one => ({
    name: one.name,
    archivedAt: one.last_modified,
  }))

const parse = <T>(schema: z.ZodType<T>, text: string, command: string): T => {
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new Unreadable(`wal-g ${command} printed something else: ${z.prettifyError(parsed.error)}`)
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
