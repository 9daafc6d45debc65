import { formatEvent, type LineOptions } from './lines.ts'
import { formatRecap } from './recap.ts'
import type { Out, View } from './view.ts'

export type PlainOptions = LineOptions & {
  readonly stdout: Out
  /** Width of the recap; the lines themselves are never broken. */
  readonly columns: number
  /** The page that tells more of the run; the recap names it. Default: there is none. */
  readonly record?: string
}

/**
 * A line for each event worth telling, and the recap: for files, pipes, CI and people who like to
 * read.
 */
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
            stderr: false,
            ...(record === undefined ? {} : { record }),
          }),
        )
    },
  }
}
