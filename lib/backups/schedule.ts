/** The times of a crontab's line, in UTC. */
export type Schedule = {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** Null: any day. If both are given, one of them suffices. */
  readonly days: ReadonlySet<number> | null
  /** From 0, Sunday. */
  readonly weekdays: ReadonlySet<number> | null
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const words: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/**
 * Reads a schedule: five fields with `*`, values, names, ranges, steps and lists, or a word such as
 * @daily. Null if it is another one, such as one with `L`.
 */
export const readSchedule = (text: string): Schedule | null => {
  const fields = (words[text.trim()] ?? text.trim()).split(/\s+/)
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const minutes = readField(minute, { least: 0, most: 59 })
  const hours = readField(hour, { least: 0, most: 23 })
  const days = readField(day, { least: 1, most: 31 })
  const months = readField(month, { least: 1, most: 12, names: MONTHS })
  const weekdays = readField(weekday, { least: 0, most: 7, names: DAYS })
  if (fields.length !== 5 || !minutes || !hours || !days || !months || !weekdays) return null
  return {
    minutes,
    hours,
    months,
    days: isAny(day) ? null : days,
    weekdays: isAny(weekday) ? null : new Set([...weekdays].map(one => one % 7)),
  }
}

/** A year of 366 days comes within eight. */
const MOST_DAYS = 8 * 366
const DAY = 86_400_000

/** The last time of a schedule that is not after a moment; null if eight years have none. */
export const findLastDue = (schedule: Schedule, at: Date): Date | null => {
  const first = Math.floor(at.getTime() / DAY) * DAY
  for (let i = 0; i < MOST_DAYS; i++) {
    const day = first - i * DAY
    if (!hasDay(schedule, new Date(day))) continue
    const most = Math.min(DAY - 1, at.getTime() - day)
    const times = [...schedule.hours].flatMap(hour =>
      [...schedule.minutes].map(minute => (hour * 60 + minute) * 60_000),
    )
    const last = Math.max(...times.filter(time => time <= most))
    if (Number.isFinite(last)) return new Date(day + last)
  }
  return null
}

const hasDay = ({ months, days, weekdays }: Schedule, date: Date): boolean => {
  if (!months.has(date.getUTCMonth() + 1)) return false
  const [isDay, isWeekday] = [days?.has(date.getUTCDate()), weekdays?.has(date.getUTCDay())]
  if (isDay === undefined) return isWeekday ?? true
  return isDay || isWeekday === true
}

const isAny = (field: string): boolean => /^[*?]/.test(field) && !field.includes('/')

type Range = { readonly least: number; readonly most: number; readonly names?: readonly string[] }

const readField = (field: string, range: Range): ReadonlySet<number> | null => {
  const parts = field.split(',').map(part => readPart(part, range))
  return parts.some(part => part === null) ? null : new Set(parts.flatMap(part => part ?? []))
}

const readPart = (part: string, { least, most, names = [] }: Range): readonly number[] | null => {
  const [, from = '', to, step] = /^([*?]|\w+)(?:-(\w+))?(?:\/([1-9]\d*))?$/.exec(part) ?? []
  const read = (word: string): number => {
    const named = names.indexOf(word.toLowerCase())
    return named >= 0 ? named + least : /^\d+$/.test(word) ? Number(word) : Number.NaN
  }
  const any = /^[*?]$/.test(from)
  const first = any ? least : read(from)
  const last = to !== undefined ? read(to) : any || step !== undefined ? most : first
  if (!(first >= least && last <= most && first <= last) || (any && to !== undefined)) return null
  const by = Number(step ?? 1)
  return Array.from({ length: Math.floor((last - first) / by) + 1 }, (_, i) => first + i * by)
}
