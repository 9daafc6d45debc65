import { OptionError } from '../errors/option-error.ts'
import { change, operation, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { editFile, type Validate } from './file/edit.ts'
import { checkPath, type Path } from './file/entry.ts'

export type Line = Validate & {
  /** The file, absolute, on the host. It must be there. A symlink is followed. */
  readonly path: Path
} & (
    | {
        /**
         * The line `key` `separator` `value`. It replaces every line that begins with the key and
         * the separator.
         */
        readonly key: string
        /** What follows the separator. */
        readonly value: string | number
        /** Default `=`. */
        readonly separator?: string
        readonly match?: never
        readonly line?: never
      }
    | {
        /**
         * A POSIX extended regular expression, without `{n}`: the line replaces every line that
         * matches. Default: only the line itself.
         */
        readonly match?: string
        /** The whole line, without its newline. */
        readonly line: string
        readonly key?: never
      }
  )

type Want = Validate & {
  readonly path: string
  readonly line: string
  readonly start: string
  readonly match: string
  readonly label: string
}

/**
 * A file holds this line once, and no other line for the same key. The rest of the file stays as it
 * is at that moment, and so do its owner and mode.
 */
export const line = operation('line', {
  want: (want: Line) => {
    const whom = {
      path: checkPath(want.path),
      ...(want.validate ? { validate: want.validate } : {}),
    }
    const start = want.key === undefined ? '' : `${want.key}${want.separator ?? '='}`
    const text = want.key === undefined ? want.line : `${start}${want.value}`
    if (/[\0\n]/.test(text) || text === '')
      throw new OptionError({
        message: `one line of text is expected, not ${JSON.stringify(text)}`,
      })
    return {
      ...whom,
      line: text,
      start,
      match: want.match ?? '',
      label: want.key ?? want.match ?? text,
    }
  },
  name: ({ path, label }: Want) => `${path} ${label}`,
  paths: want => [want.path],
  probe: want => sh`[ -f ${want.path} ] || { echo ${`no such file: ${want.path}`} >&2; exit 1; }
${runAwk(want, sh`ours {print} END {print "end"}`, want.path)}`,
  read: out => {
    const lines = out.stdout.toString().split('\n')
    return out.exitCode === 0 && lines.at(-2) === 'end' ? lines.slice(0, -2) : unreadable(out)
  },
  plan: (now, want) => {
    if (now.length === 1 && now[0] === want.line) return null
    const before = now.length > 0 ? now.join('\n') : null
    const edit = runAwk(
      want,
      sh`ours {if (!done) print ENVIRON["LINE"]; done = 1; next}
{print}
END {if (!done) print ENVIRON["LINE"]}`,
      want.path,
    )
    return change(
      [{ key: want.label, before, after: want.line }],
      editFile(want.path, edit, want.validate),
    )
  },
})

/**
 * awk with `ours` true for the lines that this operation owns. Values come by the environment: `-v`
 * would read backslashes in them.
 */
const runAwk = ({ line, start, match }: Want, program: Sh, path: string): Sh =>
  sh`LINE=${line} START=${start} MATCH=${match} awk '{ours = $0 == ENVIRON["LINE"] ||
  (ENVIRON["START"] != "" && index($0, ENVIRON["START"]) == 1) ||
  (ENVIRON["MATCH"] != "" && $0 ~ ENVIRON["MATCH"])} ${program}' ${path}`
