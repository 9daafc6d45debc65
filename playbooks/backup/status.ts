/** How the jobs of an environment's backups fare, as they have said it themselves. */
import * as z from 'zod'
import {
  type JobStatus,
  type JobVerdict,
  judgeJob,
  readJobStatus,
} from '../../lib/backups/job-status.ts'
import { Unreadable } from '../../lib/backups/unreadable.ts'
import type { FoundService } from '../deploy/services.ts'
import type { Read, ReadInTask } from './read.ts'

/** The services that run jobs. */
export type BackupServices = Readonly<
  Record<'walg' | 'walg-prune' | 'restic' | 'restic-prune', FoundService>
>

type Job = {
  /** What it is called here. */
  readonly name: string
  readonly service: keyof BackupServices
  readonly program: 'brd-backup' | 'brd-files'
  /** What its program calls it. */
  readonly job: string
  /** Its key in `backups.schedules`. */
  readonly schedule: 'full' | 'binlogs' | 'canary' | 'files' | 'prune'
}

/** The jobs, in the order in which they are shown. */
export const BACKUP_JOBS: readonly Job[] = [
  { name: 'full', service: 'walg', program: 'brd-backup', job: 'full', schedule: 'full' },
  { name: 'binlogs', service: 'walg', program: 'brd-backup', job: 'binlogs', schedule: 'binlogs' },
  { name: 'canary', service: 'walg', program: 'brd-backup', job: 'canary', schedule: 'canary' },
  {
    name: 'prune of the database',
    service: 'walg-prune',
    program: 'brd-backup',
    job: 'prune',
    schedule: 'prune',
  },
  { name: 'files', service: 'restic', program: 'brd-files', job: 'backup', schedule: 'files' },
  {
    name: 'prune of the files',
    service: 'restic-prune',
    program: 'brd-files',
    job: 'prune',
    schedule: 'prune',
  },
]

/** A job as it is shown. */
export type ShownJob = {
  readonly job: string
  /** `unread`: its service could not be asked. */
  readonly is: JobVerdict['is'] | 'unread'
  readonly isRunning: boolean
  readonly began: string | null
  readonly ended: string | null
  /** How long ago its last run ended, in seconds; null if it has not run. */
  readonly ageSeconds: number | null
  readonly schedule: string
  /** When it should have run last. */
  readonly due: string | null
  /** What it said, or why nothing is known. */
  readonly text: string
}

/**
 * Prints, for the jobs of a program in this task, what they have left: the time, when the task
 * began, which of them run, and their last status. A job is given as PROGRAM/JOB: so this program's
 * own arguments are not taken for one that runs. Of the canary, which says nothing as long as it
 * succeeds, the last row counts.
 */
export const printJobs = `set -u
ticks=$(sed 's/.*) //' /proc/1/stat | cut -d ' ' -f 20)
boot=$(sed -n 's/^btime //p' /proc/stat)
printf 'now %s\\n' "$(date -u +%FT%TZ)"
printf 'task %s\\n' "$(date -u -d "@$((boot + ticks / $(getconf CLK_TCK)))" +%FT%TZ)"
for file in /proc/[0-9]*/cmdline; do
  runs=$(tr '\\0' ' ' <"$file") 2>/dev/null || continue
  for one in "$@"; do
    case $runs in *"\${one%/*} \${one#*/} "*) printf 'runs %s\\n' "\${one#*/}" ;; esac
  done
done
for one in "$@"; do
  for folder in /var/lib/walg/status /cache/status; do
    [ ! -f "$folder/\${one#*/}" ] || printf 'status %s\\n' "$(cat "$folder/\${one#*/}")"
  done
  [ "$one" != brd-backup/canary ] || printf 'canary %s\\n' "$(
    mariadb --defaults-extra-file=/run/secrets/backup.cnf --batch --skip-column-names --raw \\
      --connect-timeout=5 --execute "SELECT DATE_FORMAT(MAX(at), '%Y-%m-%dT%H:%i:%sZ')
        FROM brd_backup.canary" 2>&1 | head -n 1
  )"
done`

/** What a task has said of its jobs. */
export type TaskJobs = {
  readonly now: Date
  readonly taskBegan: Date
  readonly running: ReadonlySet<string>
  readonly last: ReadonlyMap<string, JobStatus>
  /** The last row of the canary, or why it is not known. */
  readonly canary: string | null
}

/** Reads what a task has printed of its jobs. Throws Unreadable. */
export const readTaskJobs = (text: string): TaskJobs => {
  const lines = text.split('\n').map(line => {
    const [, key = '', value = ''] = /^(\w+) (.*)$/.exec(line) ?? []
    return { key, value }
  })
  const list = (wanted: string): string[] =>
    lines.flatMap(({ key, value }) => (key === wanted ? [value] : []))
  const readTime = (key: string): Date => {
    const date = new Date(list(key)[0] ?? '')
    if (Number.isNaN(date.getTime())) throw new Unreadable(`the task did not say its ${key}`)
    return date
  }
  return {
    now: readTime('now'),
    taskBegan: readTime('task'),
    running: new Set(list('runs')),
    last: new Map(
      list('status')
        .map(readJobStatus)
        .map(one => [one.job, one]),
    ),
    canary: list('canary')[0] ?? null,
  }
}

/** The jobs of an environment, asked for in the tasks that run them. */
export const readJobs = async (
  read: ReadInTask,
  services: BackupServices,
  schedules: Readonly<Record<Job['schedule'], string>>,
): Promise<readonly ShownJob[]> => {
  const tasks = new Map<keyof BackupServices, Promise<Read<TaskJobs>>>()
  for (const { service } of BACKUP_JOBS)
    if (!tasks.has(service)) tasks.set(service, readTask(read, services, service))
  return Promise.all(
    BACKUP_JOBS.map(async one =>
      showJob(one, schedules[one.schedule], (await tasks.get(one.service))!),
    ),
  )
}

const readTask = (
  read: ReadInTask,
  services: BackupServices,
  service: keyof BackupServices,
): Promise<Read<TaskJobs>> => {
  const jobs = BACKUP_JOBS.filter(one => one.service === service)
  const words = jobs.map(({ program, job }) => `${program}/${job}`)
  return read(services[service], ['bash', '-c', printJobs, 'bash', ...words], readTaskJobs)
}

const isoTime = z.iso.datetime()

/** A job as it is shown, from what its task has said. */
export const showJob = (one: Job, schedule: string, task: Read<TaskJobs>): ShownJob => {
  const nothing = { began: null, ended: null, ageSeconds: null, due: null, isRunning: false }
  if (task.fault !== undefined)
    return { job: one.name, is: 'unread', ...nothing, schedule, text: task.fault }
  const { now, taskBegan, running } = task.value
  const last = findLast(one, task.value)
  const isRunning = running.has(one.job)
  const { is, due } = judgeJob({ last, isRunning, taskBegan, schedule, now })
  return {
    job: one.name,
    is,
    isRunning,
    began: last?.began ?? null,
    ended: last?.ended ?? null,
    ageSeconds: last ? Math.round((now.getTime() - Date.parse(last.ended)) / 1000) : null,
    schedule,
    due: due?.toISOString() ?? null,
    text: last?.text ?? explainNone(one, task.value),
  }
}

/** Its status; of the canary, its newest row, unless a run has failed since. */
const findLast = ({ job }: Job, { last, canary }: TaskJobs): JobStatus | null => {
  const said = last.get(job) ?? null
  if (job !== 'canary' || !isoTime.safeParse(canary).success || canary === null) return said
  if (said && Date.parse(said.ended) > Date.parse(canary)) return said
  return { job, result: 'done', began: canary, ended: canary, text: 'its newest row' }
}

const explainNone = ({ job }: Job, { taskBegan, canary }: TaskJobs): string => {
  const since = `no run has ended since its task began, ${taskBegan.toISOString()}`
  return job === 'canary' && canary !== null && canary !== 'NULL' ? `${since}: ${canary}` : since
}
