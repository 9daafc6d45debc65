import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findLastDue, readSchedule } from '../../../lib/backups/schedule.ts'

const test = suite('schedules of backups')

/** A Saturday. */
const now = '2026-11-28T08:20:30Z'
const last = (text: string, at = now): string | null | undefined => {
  const schedule = readSchedule(text)
  return schedule && (findLastDue(schedule, new Date(at))?.toISOString().slice(0, 16) ?? null)
}

const rows: Record<string, [text: string, expected: string | null, at?: string]> = {
  'every minute': ['* * * * *', '2026-11-28T08:20'],
  'a step': ['*/5 * * * *', '2026-11-28T08:20'],
  'a step from a value': ['7/15 * * * *', '2026-11-28T08:07'],
  'a time of today': ['30 1 * * *', '2026-11-28T01:30'],
  'a time that is still to come': ['30 9 * * *', '2026-11-27T09:30'],
  'the very minute': ['20 8 * * *', '2026-11-28T08:20', '2026-11-28T08:20:00Z'],
  'the second before': ['20 8 * * *', '2026-11-27T08:20', '2026-11-28T08:19:59Z'],
  'lists and ranges': ['0,10 1-3,7 * * *', '2026-11-28T07:10'],
  names: ['0 1 * jan,oct MON-FRI', '2026-10-30T01:00'],
  'Sunday is 0 and 7': ['0 1 * * 7', '2026-11-22T01:00'],
  'a day of the month or of the week': ['0 1 1 * fri', '2026-11-27T01:00'],
  'a day of the month alone': ['0 1 31 * *', '2026-10-31T01:00'],
  'a leap day': ['0 1 29 2 *', '2024-02-29T01:00'],
  never: ['0 1 31 2 *', null],
  'a word': ['@weekly', '2026-11-22T00:00'],
  'another word': ['@hourly', '2026-11-28T08:00'],
}
for (const [title, [text, expected, at]] of Object.entries(rows))
  test(title, () => assert.is(last(text, at), expected))

for (const text of [
  ...['', '@reboot', '0 1 * *', '0 1 L * *', '0 1 * * 5#2', '60 1 * * *', '*/0 * * * *'],
  ...['5-1 * * * *', '0 1 0 * *', '0 1 * foo *', '0 1 * * * *', '*-5 * * * *', '1, * * * *'],
])
  test(`${JSON.stringify(text)} is not understood`, () => assert.is(readSchedule(text), null))

test.run()
