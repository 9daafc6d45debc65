import type { BackupCheck } from './verdict.ts'

/** What a backup's age is measured by. */
export type Freshness = {
  /** What it is, such as 'freshness of the database'. */
  readonly name: string
  /** When the newest one was complete; null if there is no backup. */
  readonly newest: Date | null
  /** Bytes of it, and of those before it, newest first. Empty: sizes are not compared. */
  readonly sizes: readonly number[]
  /** How old it may be, in hours. */
  readonly maxHours: number
  readonly now: Date
}

/** A backup that is smaller than this share of the median of those before it lacks something. */
const SMALLEST_SHARE = 0.5

/**
 * Whether the newest backup, as the storage has it, is recent enough and not much smaller than
 * those before. One that is dated in the future says that a clock is wrong: its age is not known.
 */
export const checkFreshness = ({ name, newest, sizes, maxHours, now }: Freshness): BackupCheck => {
  const result = (is: BackupCheck['is'], detail: string): BackupCheck => ({
    name,
    is,
    detail,
    seconds: 0,
  })
  if (!newest) return result('failed', 'there is no backup')
  const hours = (now.getTime() - newest.getTime()) / 3_600_000
  if (hours < -0.1)
    return result(
      'unverified',
      `the newest is dated ${newest.toISOString()}, in the future: a clock is wrong`,
    )
  if (hours > maxHours)
    return result(
      'failed',
      `the newest is of ${newest.toISOString()}, ${formatHours(hours)} old; ` +
        `${formatHours(maxHours)} are allowed`,
    )
  const [size = 0, ...before] = sizes
  const median = findMedian(before.slice(0, 7))
  if (median !== null && size < median * SMALLEST_SHARE)
    return result('failed', `${size} bytes, and those before had ${median} (median)`)
  return result('passed', `${newest.toISOString()}, ${formatHours(Math.max(0, hours))} old`)
}

const formatHours = (hours: number): string =>
  hours < 2 ? `${Math.round(hours * 60)} min` : `${Math.round(hours)} h`

const findMedian = (values: readonly number[]): number | null => {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
