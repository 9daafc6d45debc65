import type { ListedBackup } from './full-backup.ts'

const DAY = 86_400_000

/**
 * How many of the newest full backups to keep, for `wal-g delete retain FULL N`: those of the last
 * days, and the one before them, from which the oldest of these days is restored. Never fewer than
 * `least`. Binary logs older than the oldest kept backup go with it.
 */
export const countBackupsToKeep = (
  backups: readonly ListedBackup[],
  { now, days, least = 2 }: { now: Date; days: number; least?: number },
): number => {
  const since = now.getTime() - days * DAY
  const recent = backups.filter(({ stoppedAt }) => stoppedAt.getTime() >= since).length
  return Math.max(least, recent + 1)
}
