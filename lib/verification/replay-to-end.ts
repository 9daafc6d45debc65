import { type Checks, Finding } from './checks.ts'
import type { DatabaseBackups } from './database-backups.ts'
import { ask, readReached, replayBinlogs } from './restored-database.ts'
import type { Throwaway } from './throwaway.ts'

/** How much newer than the beginning of a verification the last canary may be, in minutes. */
const MOST_AHEAD = 30

/** Binary logs, and the time between which and which they are replayed. */
export type BinlogArchive = {
  readonly files: readonly string[]
  readonly span: readonly [from: Date, to: Date]
}

/**
 * From the manifest on: a random second, then the end, the canary, the application's question.
 * Returns the time of the last canary, or null.
 */
export const replayToEnd = async (
  place: Throwaway,
  { query, now, random, maxLossMinutes = 15 }: DatabaseBackups,
  { files, span }: BinlogArchive,
  checks: Checks,
): Promise<Date | null> => {
  const [from, to] = span.map(time => time.getTime()) as [number, number]
  const at = new Date(from + random() * Math.max(0, to - from))
  at.setUTCMilliseconds(0)
  const kept = { early: '', late: null as Date | null }
  await checks.make('replay to a second', async () => {
    await checks.time('replay', () => replayBinlogs(place, files, { time: at }))
    kept.early = await countCanary(place, at)
    const beyond = await ask(
      place,
      `SELECT COUNT(*) FROM brd_backup.canary WHERE at >= '${formatSql(at)}'`,
    )
    if (beyond[0]?.[0] !== '0')
      throw new Finding('failed', `rows of later than ${at.toISOString()} were restored`)
    return at.toISOString()
  })
  await checks.make('canary', async () => {
    await checks.time('replay', () => replayBinlogs(place, files, {}))
    kept.late = await readCanary(place)
    if (!kept.late) throw new Finding('failed', 'there is no canary')
    const ahead = (kept.late.getTime() - now().getTime()) / 60_000
    // An image that is pulled first takes its time, while canaries go on.
    if (ahead > MOST_AHEAD)
      throw new Finding(
        'unverified',
        `the last one is of ${kept.late.toISOString()}, in the future: a clock is wrong`,
      )
    const minutes = Math.max(0, -ahead)
    if (minutes > maxLossMinutes)
      throw new Finding(
        'failed',
        `the last one is ${Math.round(minutes)} min old: so much would be lost, ` +
          `and ${maxLossMinutes} min are allowed`,
      )
    return `the last one is of ${kept.late.toISOString()}: ${minutes.toFixed(1)} min would be lost`
  })
  await checks.make('point in time', async () => {
    const now = await countCanary(place, at)
    if (kept.early === '' || now !== kept.early)
      throw new Finding(
        'failed',
        `${kept.early || 'no'} canaries before ${at.toISOString()}, ${now} later`,
      )
    return `${at.toISOString()}: ${now} canaries before it, as in the whole`
  })
  await checks.make('query of the application', async () => {
    const [row] = await checks.time('query', () => ask(place, query))
    if (!row || row[0] === '0' || row[0] === 'NULL')
      throw new Finding('failed', `it answers ${row?.[0] ?? 'no row'}`)
    return `answers ${row.join(' ').slice(0, 100)}, at ${await readReached(place)}`
  })
  return kept.late
}

const formatSql = (time: Date): string => time.toISOString().replace('T', ' ').replace('Z', '')

const readCanary = async (place: Throwaway): Promise<Date | null> => {
  const [row] = await ask(place, 'SELECT MAX(at) FROM brd_backup.canary')
  return row?.[0] && row[0] !== 'NULL' ? new Date(`${row[0].replace(' ', 'T')}Z`) : null
}

/** Canaries of the two hours before a moment: those that the job has removed since do not count. */
const countCanary = async (place: Throwaway, before: Date): Promise<string> => {
  const since = new Date(before.getTime() - 2 * 3_600_000)
  const [row] = await ask(
    place,
    'SELECT COUNT(*), IFNULL(MAX(id), 0) FROM brd_backup.canary ' +
      `WHERE at < '${formatSql(before)}' AND at >= '${formatSql(since)}'`,
  )
  return row?.join(' to ') ?? ''
}
