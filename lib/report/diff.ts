import { structuredPatch } from 'diff'
import type { Diff, Difference } from '../operation.ts'
import type { Paint } from './style.ts'

/** What a change does: `+` creates, `-` removes, `~` modifies. */
export type ChangeSymbol = '+' | '-' | '~'

export const chooseSymbol = (diff: Diff): ChangeSymbol => {
  if (diff.length === 0) return '~'
  if (diff.every(({ before }) => before === null)) return '+'
  return diff.every(({ after }) => after === null) ? '-' : '~'
}

/** How many lines of one text are shown; the rest is counted. */
const most = 400

/** Formats a diff: long texts as unified diffs, others as `key: before -> after`. */
export const formatDiff = (diff: Diff, paint: Paint): string[] =>
  diff.flatMap(one =>
    one.text || isLong(one) ? formatTextDiff(one, paint) : [formatProperty(one, paint)],
  )

const isLong = ({ before, after }: Difference): boolean =>
  [before, after].some(text => text?.includes('\n'))

const formatProperty = ({ key, before, after }: Difference, paint: Paint): string => {
  if (before === null) return paint('added', `+ ${key}: ${formatValue(after)}`)
  if (after === null) return paint('removed', `- ${key}: ${formatValue(before)}`)
  const [was, is] = [paint('removed', formatValue(before)), paint('added', formatValue(after))]
  return `${paint('changed', '~')} ${key}: ${was} -> ${is}`
}

const formatValue = (text: string | null): string =>
  text === '' ? '(empty)' : (text ?? '(absent)')

const formatTextDiff = (difference: Difference, paint: Paint): string[] => {
  const { key, before, after } = difference
  const { hunks } = structuredPatch('', '', before ?? '', after ?? '', '', '', {
    context: 3,
    timeout: 2000,
  }) ?? { hunks: undefined }
  if (!hunks) return [`${chooseSymbol([difference])} ${key}: too many differences for a line diff`]
  const lines = hunks.flatMap(hunk => [
    ...(before === null || after === null
      ? []
      : [
          paint(
            'quiet',
            `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
          ),
        ]),
    ...hunk.lines
      .filter(line => !/^\\ No newline/.test(line) || (before !== null && after !== null))
      .map(line => paintLine(line, paint)),
  ])
  const more = lines.length > most ? [paint('quiet', `… ${lines.length - most} more lines`)] : []
  return [
    `${chooseSymbol([difference])} ${key}:`,
    ...[...lines.slice(0, most), ...more].map(line => `  ${line}`),
  ]
}

const paintLine = (line: string, paint: Paint): string =>
  line.startsWith('+') ? paint('added', line) : line.startsWith('-') ? paint('removed', line) : line
