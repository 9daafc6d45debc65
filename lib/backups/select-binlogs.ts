import type { ArchivedBinlog } from './full-backup.ts'

/** The binary logs that a restore replays, or why they do not suffice. */
export type BinlogChoice =
  | {
      /** Without a gap, in the order of their numbers. Empty: nothing was archived since. */
      readonly files: readonly string[]
      readonly missing?: never
    }
  | {
      /** The first that the archive lacks. */
      readonly missing: string
      /** The last archived one before the gap; null if the gap is at the head. */
      readonly reaches: string | null
      readonly files?: never
    }

/**
 * Chooses the binary logs from the file where a full backup ends to the last archived one, by
 * number: wal-g chooses by the times of objects, and says nothing of a gap. A later file without
 * the first one is a gap. A name that differs in more than its number is another server's, and is
 * left out.
 */
export const selectBinlogs = (from: string, archived: readonly ArchivedBinlog[]): BinlogChoice => {
  const { base, number: first, width } = splitName(from)
  const numbers = [
    ...new Set(
      archived
        .map(({ name }) => splitName(name))
        .filter(one => one.base === base && one.number >= first)
        .map(one => one.number),
    ),
  ].sort((a, b) => a - b)
  const gap = numbers.findIndex((number, i) => number !== first + i)
  const format = (number: number): string => `${base}.${String(number).padStart(width, '0')}`
  if (gap < 0) return { files: numbers.map(format) }
  return { missing: format(first + gap), reaches: gap === 0 ? null : format(first + gap - 1) }
}

const splitName = (name: string): { base: string; number: number; width: number } => {
  const dot = name.lastIndexOf('.')
  const digits = name.slice(dot + 1)
  return { base: name.slice(0, dot), number: Number(digits), width: Math.min(6, digits.length) }
}
