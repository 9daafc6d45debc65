import type { Failure, Outcome } from '../events.ts'
import type { Mark } from './style.ts'

/** The label of each outcome and its look, for the lines and the recap. */
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

/** The width of the longest label. */
export const labelWidth = Math.max(...Object.values(labels).map(([word]) => word.length))

/**
 * Formats a failure: the reason, the end of stderr, which says more, and what to do next. `tail` is
 * how many lines of stderr are shown.
 */
export const formatFailure = ({ message, stderr, next }: Failure, tail = 12): string[] => {
  const said = (stderr ?? '').trim()
  const lines = said === '' || message.includes(said) ? [] : said.split('\n')
  return [
    ...message.split('\n'),
    ...(lines.length > tail ? [`stderr: … ${lines.length - tail} earlier lines`] : []),
    ...lines.slice(-tail).map(line => `stderr: ${line}`),
    ...(next === undefined ? [] : [`next: ${next}`]),
  ]
}

/**
 * A failure of an operation whose name is shown beside it: its message does not repeat the name.
 */
export const omitName = (failure: Failure, id: string): Failure =>
  failure.message.startsWith(`${id}: `)
    ? { ...failure, message: failure.message.slice(id.length + 2) }
    : failure
