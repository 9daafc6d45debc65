import { type Diff, type Output, Unknown, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { PRESENT } from './edit.ts'

/**
 * How awk reads and writes the lines of a text file that people or other systems wrote. The byte
 * order mark before the first line, and the carriage returns of a file whose first line ends with
 * one, belong to the file: `text` is a line without them. `put(line)` writes a line as this file
 * ends its lines, `keep()` the present one as it is. The last line gets a line break only if it had
 * one, or is new.
 */
export const LINES = String.raw`
FNR == 1 {
  mark = ""; began = 0
  if (index($0, "\357\273\277") == 1) {mark = substr($0, 1, 3); $0 = substr($0, 4)}
  crlf = $0 ~ /\r$/
}
{text = $0; if (crlf) sub(/\r$/, "", text)}
END {ended = 1}
function put(line) {
  if (ended && kept && crlf && $0 !~ /\r$/ && ENVIRON["LAST"] != "") printf "\r"
  write(line (crlf ? "\r" : "")); kept = 0
}
function keep() {write($0); kept = 1}
function write(line) {printf "%s%s%s", began ? "\n" : "", began ? "" : mark, line; began = 1}
function finish() {if (began && !(kept && ENVIRON["LAST"] != "")) printf "\n"}`

/** Sets `LAST` for `finish()`: empty if the present file ends with a line break, or is empty. */
export const lookAtEnd: Sh = sh`LAST=$(tail -c 1 ${PRESENT}; echo .); LAST=\${LAST%.}
case $LAST in '
') LAST= ;; esac
export LAST`

/**
 * Runs awk over a file of which an operation owns a part. Its last line is a word, and `right` if
 * nothing is to be done. Otherwise what an edit must know of the file follows: whether it has
 * several names, and whether it is text at all.
 */
export const printPart = (path: string, awk: Sh): Sh => sh`[ -f ${path} ] ||
  { echo ${`no such file: ${path}`} >&2; exit 1; }
o=$(${awk}) || exit 74
printf '%s\n' "$o"
case $o in *right) ;; *)
  echo "$(stat -L -c %h ${path}) names" && echo "$(tr -dc '\000' <${path} | wc -c) NUL" ;;
esac`

export type Part = {
  readonly lines: readonly string[]
  /** The last word that awk printed. */
  readonly word: string
  readonly names: number
}

/** Reads what `printPart` printed. A file that is not text in lines is never edited. */
export const readPart = (out: Output): Part | Unknown => {
  const text = out.stdout.toString()
  const [, names = '1', nul = '0'] = /\n(\d+) names\n\s*(\d+) NUL\n$/.exec(text) ?? []
  const lines = text
    .replace(/(?<=\n)\d+ names\n\s*\d+ NUL\n$/, '')
    .split('\n')
    .slice(0, -1)
  const word = lines.pop()
  if (out.exitCode !== 0 || word === undefined) return unreadable(out)
  if (nul !== '0')
    return new Unknown(
      'it holds NUL bytes, as UTF-16 does, so it is not text in lines: the file is left as it is',
    )
  return { lines, word, names: Number(names) }
}

/** A new version takes one name of a file: that the others keep the old content is shown. */
export const diffNames = (names: number): Diff =>
  names < 2
    ? []
    : [
        {
          key: 'hard links',
          before: `${names} names for one file`,
          after: 'a separate file: the other names keep the old content',
        },
      ]
