import { formatEvent, type LineOptions } from './lines.ts'
import { formatRecap } from './recap.ts'
import type { Out, View } from './view.ts'

export type PlainOptions = LineOptions & {
  readonly stdout: Out
  /** Width of the recap; other lines are never wrapped. */
  readonly columns: number
  /** Returns the path of the report page, which the recap names. Default: no page. */
  readonly record?: () => string | undefined
}

/** Creates the view for files, pipes and CI: a line for each noteworthy event, and the recap. */
export const createPlainView = ({ stdout, columns, record, ...telling }: PlainOptions): View => {
  const write = (lines: readonly string[]): void => {
    if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`)
  }
  return {
    event: (event, state) => write(formatEvent(event, state, telling)),
    close: async state => {
      if (state.hosts.size > 0)
        write(
          formatRecap({
            state,
            width: columns,
            paint: telling.paint,
            stderr: 3, // all of it stands above
            notes: false, // each has been a line
            record: record?.(),
          }),
        )
    },
  }
}
