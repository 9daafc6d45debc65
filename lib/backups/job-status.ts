import * as z from 'zod'
import { parseJson } from './parse-json.ts'
import { findLastDue, readSchedule } from './schedule.ts'
import { Unreadable } from './unreadable.ts'

const schema = z.object({
  job: z.string(),
  result: z.enum(['done', 'failed']),
  began: z.iso.datetime(),
  ended: z.iso.datetime(),
  text: z.string(),
})

/** How the last run of a backup's job ended, as the job itself has written it. */
export type JobStatus = Readonly<z.infer<typeof schema>>

/** Reads the status that brd-backup or brd-files keeps. Throws Unreadable for another text. */
export const readJobStatus = (text: string): JobStatus => {
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new Unreadable(`it is not the status of a job: ${text.slice(0, 200)}`)
}

/** What a job's state is judged by. */
export type JudgedJob = {
  /** Of its last run; null if there was none since its task began. */
  readonly last: Pick<JobStatus, 'began' | 'result'> | null
  readonly isRunning: boolean
  /** When the task that runs it began. */
  readonly taskBegan: Date
  /** When it is to run, as cron has it, in UTC. */
  readonly schedule: string
  /** By the clock of the job's server. */
  readonly now: Date
}

/** How a job of the backups fares by its schedule. */
export type JobVerdict = {
  /**
   * `waiting`: no run was due since its task began. `unjudged`: its schedule is one that is not
   * understood here.
   */
  readonly is: 'ok' | 'failed' | 'stale' | 'waiting' | 'unjudged'
  /** When it should have run last; null if that is not known. */
  readonly due: Date | null
}

/** How late a job may begin, and how long it may run before it counts as hanging. */
const [LATE_MS, RUNS_MS] = [120_000, 6 * 3_600_000]

/**
 * Whether a job did what its schedule asks for: its last run succeeded, and began when it was due,
 * or later. Of a run that goes on, the end is awaited for six hours.
 */
export const judgeJob = ({ last, isRunning, taskBegan, schedule, now }: JudgedJob): JobVerdict => {
  const times = readSchedule(schedule)
  const by = new Date(now.getTime() - (isRunning ? RUNS_MS : LATE_MS))
  const due = times && findLastDue(times, by)
  if (last?.result === 'failed') return { is: 'failed', due }
  if (!due) return { is: 'unjudged', due }
  const began = last ? new Date(last.began) : taskBegan
  if (began.getTime() < due.getTime()) return { is: 'stale', due }
  return { is: last ? 'ok' : 'waiting', due }
}
