import { OptionError } from '../../errors/option-error.ts'

const WORDS = /^@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)$/
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

type Field = {
  readonly of: string
  readonly least: number
  readonly most: number
  readonly names?: readonly string[]
}

const FIELDS: readonly Field[] = [
  { of: 'minute', least: 0, most: 59 },
  { of: 'hour', least: 0, most: 23 },
  { of: 'day of the month', least: 1, most: 31 },
  { of: 'month', least: 1, most: 12, names: MONTHS },
  { of: 'day of the week', least: 0, most: 7, names: DAYS },
]

/**
 * Returns the schedule with single spaces. If cron could not read it, throws an error that names
 * the field.
 */
export const checkSchedule = (text: string): string => {
  const words = text.trim().split(/[ \t]+/)
  if (words.length === 1 && WORDS.test(words[0] ?? '')) return words[0] as string
  if (words.length !== FIELDS.length || /[\0\r\n]/.test(text))
    throw new OptionError({
      message: `schedule: ${JSON.stringify(text)} is not a schedule`,
      next: 'give five fields (minute, hour, day, month, weekday), or a word such as @daily',
    })
  for (const [i, field] of FIELDS.entries()) {
    const word = words[i] as string
    if (!word.split(',').every(part => isPart(part, field)))
      throw new OptionError({
        message: `schedule: ${JSON.stringify(word)} is not the ${field.of} of a schedule`,
        next: `give ${field.least}-${field.most}, *, a list, a range or a step`,
      })
  }
  return words.join(' ')
}

/** `*`, a value or a range, with a step behind the first and the last. */
const isPart = (part: string, { least, most, names = [] }: Field): boolean => {
  const [, first = '', last, step] = /^(\*|[^-/]+)(?:-([^-/]+))?(?:\/(\d+))?$/.exec(part) ?? []
  const number = (word: string): number => {
    const named = names.indexOf(word.toLowerCase())
    return named >= 0 ? named + least : /^\d+$/.test(word) ? Number(word) : Number.NaN
  }
  const inRange = (n: number) => n >= least && n <= most
  if (
    first === '' ||
    (step !== undefined && (Number(step) === 0 || (first !== '*' && last === undefined)))
  )
    return false
  if (first === '*') return last === undefined
  return (
    inRange(number(first)) &&
    (last === undefined || (inRange(number(last)) && number(first) <= number(last)))
  )
}
