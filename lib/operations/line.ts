import { OptionError } from '../errors/option-error.ts'
import { change, operation, Unknown } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { editFile, PRESENT, type Validate } from './file/edit.ts'
import { checkPath, type Path } from './file/entry.ts'
import { diffNames, LINES, lookAtEnd, printPart, readPart } from './file/lines.ts'

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
 * is at that moment, byte by byte, and so do its owner, its mode and the way it ends its lines.
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
  probe: want =>
    printPart(
      want.path,
      runAwk(
        want,
        `ours {
  n++; wrong = wrong || bare "" != ENVIRON["LINE"] || ($0 ~ /\\r$/) != crlf
  print bare (($0 ~ /\\r$/) == crlf ? "" : crlf ? " (without a carriage return)" : "\\r")
}
END {print (n == 1 && !wrong) ? "right" : "end"}`,
        sh`${want.path}`,
      ),
    ),
  read: readPart,
  plan: ({ lines, word, names }, want) => {
    if (word === 'right' || (lines.length === 1 && lines[0] === want.line)) return null
    if (word !== 'end') return new Unknown(`the probe printed ${JSON.stringify(word)}`)
    const before = lines.length > 0 ? lines.join('\n') : null
    const edit = sh`${lookAtEnd}
${runAwk(
  want,
  `ours {if (!done) put(ENVIRON["LINE"]); done = 1; next}
{keep()}
END {if (!done) put(ENVIRON["LINE"]); finish()}`,
  PRESENT,
)}`
    return change(
      [{ key: want.label, before, after: want.line }, ...diffNames(names)],
      editFile(want.path, edit, want.validate),
    )
  },
})

/**
 * awk with `ours` true for the lines that this operation owns, and `bare` a line without any
 * carriage return. Values come by the environment: `-v` would read backslashes in them. They are
 * compared as text: awk would take 123 and 0123 for equal numbers.
 */
const runAwk = ({ line, start, match }: Want, program: string, file: Sh): Sh =>
  sh`LINE=${line} START=${start} MATCH=${match} awk ${`${LINES}
{bare = text; if (bare "" != ENVIRON["LINE"]) sub(/\\r$/, "", bare)
  ours = bare "" == ENVIRON["LINE"] ||
  (ENVIRON["START"] != "" && index(bare, ENVIRON["START"]) == 1) ||
  (ENVIRON["MATCH"] != "" && bare ~ ENVIRON["MATCH"])}
${program}`} ${file}`
