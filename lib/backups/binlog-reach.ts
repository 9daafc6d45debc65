import type { ArchivedBinlog, ListedBackup } from './full-backup.ts'
import { selectBinlogs } from './select-binlogs.ts'

/** How far the binary logs of a full backup reach, as the archive's names tell. */
export type BinlogReach = {
  /** The last one without a gap before it; null if the archive has nothing since the backup. */
  readonly last: string | null
  /** When the archive got that one: nothing later can be restored. Null as `last` is. */
  readonly reachesTo: Date | null
  /** The first that the archive lacks, although it has later ones; null if there is no gap. */
  readonly missing: string | null
}

/**
 * Says how far the archive reaches from a full backup on: from the file after the last that was
 * archived when the backup ended. A verification, which sees the backup's own position, may need
 * fewer.
 */
export const findReach = (
  { lastBinlog }: Pick<ListedBackup, 'lastBinlog'>,
  archived: readonly ArchivedBinlog[],
): BinlogReach => {
  const first = lastBinlog === null ? findFirst(archived) : nameNext(lastBinlog)
  if (first === null) return { last: null, reachesTo: null, missing: null }
  const choice = selectBinlogs(first, archived)
  const last = choice.files ? (choice.files.at(-1) ?? null) : choice.reaches
  return {
    last,
    reachesTo: archived.find(({ name }) => name === last)?.archivedAt ?? null,
    missing: choice.missing ?? null,
  }
}

const readNumber = (name: string): number => Number(name.slice(name.lastIndexOf('.') + 1))

const findFirst = (archived: readonly ArchivedBinlog[]): string | null =>
  archived.map(({ name }) => name).toSorted((a, b) => readNumber(a) - readNumber(b))[0] ?? null

const nameNext = (name: string): string => {
  const dot = name.lastIndexOf('.')
  const width = name.length - dot - 1
  return `${name.slice(0, dot)}.${String(readNumber(name) + 1).padStart(width, '0')}`
}
