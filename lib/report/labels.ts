import type { Failure, Outcome } from '../events.ts'
import type { Mark } from './style.ts'

/** The word and the look of an outcome, the same in the lines and in the recap. */
export const labels: Readonly<Record<Outcome['is'], readonly [word: string, mark: Mark]>> = {
  ok: ['ok', 'good'],
  changed: ['changed', 'changed'],
  'would-change': ['would change', 'changed'],
  unknown: ['unknown', 'unsure'],
  failed: ['failed', 'bad'],
  skipped: ['skipped', 'quiet'],
  'not-reached': ['not reached', 'quiet'],
  'in-flight': ['in flight', 'unsure'],
}

/** The columns that the longest of the words takes. */
export const labelWidth = Math.max(...Object.values(labels).map(([word]) => word.length))

/** Lines of stderr that are shown: its end, where the reason is. */
const tail = 12

/** Why something failed, line by line: the reason, the end of stderr, what to do next. */
export const formatFailure = ({ message, stderr, next }: Failure): string[] => {
  const said = (stderr ?? '').trim()
  const lines = said === '' || message.includes(said) ? [] : said.split('\n')
  return [
    ...message.split('\n'),
    ...(lines.length > tail ? [`stderr: … ${lines.length - tail} lines before`] : []),
    ...lines.slice(-tail).map(line => `stderr: ${line}`),
    ...(next === undefined ? [] : [`next: ${next}`]),
  ]
}
