import { diffLines } from 'diff'
import { OptionError } from '../errors/option-error.ts'
import { change, type Diff, operation, Unknown } from '../operation.ts'
import { printWhole, readWhole, rewriteFile } from './document/whole.ts'
import type { Validate } from './file/edit.ts'
import { checkPath, type Path } from './file/entry.ts'
import { diffNames } from './file/lines.ts'

export type Replace = Validate & {
  /**
   * The file, absolute, on the host. It must be there, UTF-8, of 1 MiB at most. A symlink is
   * followed.
   */
  readonly path: Path
  /**
   * A regular expression of JavaScript. Every match in the whole text is replaced; with the flag
   * `m`, `^` and `$` are those of each line.
   */
  readonly pattern: RegExp
  /**
   * The replacement of each match: `$1` and `$<name>` are groups, `$&` is the match, `$$` a dollar.
   */
  readonly with: string
}

/**
 * The lines that change, without those that stay: these may hold secrets.
 */
const diffChangedLines = (before: string, after: string): Diff => {
  if (before === after) return []
  const parts = diffLines(before, after, { timeout: 2000 })
  if (!parts)
    return [{ key: 'lines', before: '(more than can be shown)', after: '(more than can be shown)' }]
  const lines = (side: 'removed' | 'added') =>
    parts.flatMap(part => (part[side] ? [part.value] : [])).join('')
  return [{ key: 'lines', before: lines('removed'), after: lines('added'), text: true }]
}

/**
 * Every match of the expression in a file has been replaced. An expression that matches its own
 * result and changes it again is an error: it would never settle. The file keeps its owner and
 * mode.
 */
export const replace = operation('replace', {
  check: (want: Replace) => {
    checkPath(want.path)
    if (want.pattern.sticky)
      throw new OptionError({
        message: 'pattern: the flag y has no meaning here',
        next: 'leave it out',
      })
  },
  name: ({ path, pattern }: Replace) => `${path} ${pattern}`,
  paths: want => [want.path],
  probe: ({ path }) => printWhole(path),
  read: readWhole,
  plan: ({ text: now, names }, { path, pattern, with: fresh, validate }) => {
    const every = new RegExp(pattern.source, pattern.global ? pattern.flags : `${pattern.flags}g`)
    const after = now.replace(every, fresh)
    if (after.replace(every, fresh) !== after)
      return new Unknown(
        `${path}: ${pattern} matches its own result, and each run would change the file: ` +
          'write a pattern that does not match the replacement',
      )
    const { apply, stdin } = rewriteFile(path, now, after, Buffer.byteLength(after), validate)
    const lines = diffChangedLines(now, after)
    return change(
      lines.length === 0 ? [] : [...lines, ...diffNames(names)],
      apply,
      stdin === undefined ? {} : { stdin },
    )
  },
})
