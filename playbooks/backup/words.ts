/** What backup.ts says. */
import { formatBytes } from '../../lib/verification/report/format-bytes.ts'
import type { BackupList, ShownBackup } from './list.ts'
import type { FoundProof } from './proof.ts'
import type { ShownJob } from './status.ts'

/** The backups as two tables. Times are UTC. */
export const formatBackups = ({ environment, fullBackups, snapshots }: BackupList): string[] => [
  ...formatPart(
    `Full backups of ${environment}'s database:`,
    ['NAME', 'TAKEN (UTC)', 'SIZE', 'MANIFEST', 'BINARY LOGS'],
    fullBackups?.map(one => [
      one.isPermanent ? `${one.name} (permanent)` : one.name,
      formatTime(one.stoppedAt),
      formatBytes(one.compressedSize),
      one.hasManifest === null ? 'not known' : one.hasManifest ? 'yes' : 'NONE',
      formatReach(one.binlogs),
    ]),
  ),
  ...formatPart(
    `Snapshots of ${environment}'s files and of Redis:`,
    ['ID', 'TAKEN (UTC)', 'OF'],
    snapshots?.map(({ id, takenAt, tags, paths }) => [
      id.slice(0, 8),
      formatTime(takenAt),
      (tags.length > 0 ? tags : paths).join(', '),
    ]),
  ),
]

const formatPart = (
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[] | undefined,
): string[] => {
  if (!rows) return [title, '  not known']
  return [title, ...(rows.length > 0 ? formatColumns([head, ...rows]) : ['  none'])]
}

const formatReach = (reach: ShownBackup['binlogs']): string => {
  if (!reach) return 'not known'
  const { last, reachesTo, missing } = reach
  const end = last === null ? 'none since' : `to ${reachesTo && formatTime(reachesTo)} (${last})`
  return missing === null ? end : `${end}, GAP: ${missing} is missing`
}

/** The jobs as a table, and what is known of proofs. */
export const formatStatus = (jobs: readonly ShownJob[], proof: string): string[] => [
  ...formatColumns([
    ['JOB', 'STATE', 'BEGAN (UTC)', 'ENDED (UTC)', 'AGE', 'SCHEDULE', 'SAID'],
    ...jobs.map(one => [
      one.job,
      `${states[one.is]}${one.isRunning ? ', runs' : ''}`,
      one.began === null ? '-' : formatTime(new Date(one.began)),
      one.ended === null ? '-' : formatTime(new Date(one.ended)),
      one.ageSeconds === null ? '-' : formatAge(one.ageSeconds),
      one.schedule,
      explainJob(one),
    ]),
  ]),
  proof,
]

const states: Readonly<Record<ShownJob['is'], string>> = {
  ok: 'ok',
  failed: 'FAILED',
  stale: 'STALE',
  waiting: 'not due yet',
  unjudged: 'not judged',
  unread: 'NOT KNOWN',
}

const explainJob = ({ is, due, text }: ShownJob): string => {
  const said = text.replace(/\s*\n\s*/g, ' ')
  if (is === 'stale') return `was due at ${formatTime(new Date(due ?? ''))}; last: ${said}`
  return is === 'unjudged' ? `its schedule is not understood here; last: ${said}` : said
}

/** What is known of proofs, in a line. */
export const formatProof = (environment: string, proof: FoundProof, state: string): string => {
  const verify = `npx zx playbooks/verify-backups.ts --env ${environment}`
  if (proof.is === 'broken') return `The ledger of this machine cannot be trusted: ${proof.fault}`
  if (proof.is === 'none') return `Never proven restorable on this machine (${state}): ${verify}`
  const { at, restorableTo, verifier } = proof
  const to = restorableTo === null ? '' : `, to ${formatTime(new Date(restorableTo))} UTC`
  return `Last proven restorable${to}: ${formatTime(new Date(at))} UTC, by ${verifier}`
}

/**
 * The exit code of a status: 2 if a job failed or is stale, or the ledger was changed; 4 if one is
 * not known; otherwise 0. The first that fits counts.
 */
export const computeStatusCode = (
  jobs: readonly Pick<ShownJob, 'is'>[],
  proof: Pick<FoundProof, 'is'>,
): 0 | 2 | 4 => {
  const has = (...states: readonly ShownJob['is'][]): boolean =>
    jobs.some(({ is }) => states.includes(is))
  if (has('failed', 'stale') || proof.is === 'broken') return 2
  return has('unread', 'unjudged') ? 4 : 0
}

const formatTime = (date: Date): string => date.toISOString().slice(0, 19).replace('T', ' ')

/** `40 s`, `12 min`, `9 h`, `3 d`. */
export const formatAge = (seconds: number): string => {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

const formatColumns = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0))) ?? []
  return rows.map(row =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd(),
  )
}
