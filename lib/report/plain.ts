import { linesOf, type Telling } from './lines.ts'
import { recap } from './recap.ts'
import type { Out, View } from './view.ts'

export type PlainOptions = Telling & {
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
export const plain = ({ stdout, columns, record, ...telling }: PlainOptions): View => {
  const write = (lines: readonly string[]): void => {
    if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`)
  }
  return {
    event: (event, state) => write(linesOf(event, state, telling)),
    close: async state => {
      if (state.hosts.size > 0)
        write(
          recap({
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
