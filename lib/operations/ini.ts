import { OptionError } from '../errors/option-error.ts'
import { change, type Diff, operation, Unknown, unreadable } from '../operation.ts'
import { Secret } from '../secret.ts'
import { type Sh, sh } from '../sh.ts'
import { editFile, PRESENT, type Validate } from './file/edit.ts'
import { checkPath, type Path } from './file/entry.ts'
import { diffNames, LINES, lookAtEnd, type Part, printPart, readPart } from './file/lines.ts'

export type Ini = Validate & {
  /** The file, absolute, on the host. It must be there. A symlink is followed. */
  readonly path: Path
  /**
   * The section that the key is in, without its brackets. A missing section is added at the end of
   * the file. Default: the part before the first section.
   */
  readonly section?: string
  /** The key, as it is written. Lines that begin with `#` or `;` are comments. */
  readonly key: string
  /** Separates key and value in a new line; a present line keeps its separator. Default `=`. */
  readonly separator?: '=' | ' = '
} & (
    | {
        /** What follows the `=`, one line. A Secret is never shown, nor what it replaces. */
        readonly value: string | number | Secret
        /** `absent`: the key is not in the section. Default present. */
        readonly state?: 'present'
      }
    | { readonly state: 'absent'; readonly value?: never }
  )

/** The values of the key, in file order, each after a `=`. */
type Now = Part

/**
 * A key of a section of an INI file has this value, once, or is absent. The rest of the file
 * stays as it is at that moment, and so do its owner and mode. A new
 * key comes after the last line of its section.
 */
export const ini = operation('ini', {
  check: (want: Ini) => {
    checkPath(want.path)
    const { section = '', key, value } = want
    const plain = value instanceof Secret ? value.reveal() : String(value ?? '')
    if (!/^[^\s=#;[][^=\0\n]*(?<!\s)$/.test(key))
      throw new OptionError({ message: `key: ${JSON.stringify(key)} cannot be a key` })
    if (/[\]\0\n]/.test(section) || section.trim() !== section)
      throw new OptionError({ message: `section: ${JSON.stringify(section)} cannot be a section` })
    if (/[\0\n\r]/.test(plain) || plain.trim() !== plain || plain.endsWith('\\'))
      throw new OptionError({
        message: `value: the value of ${key} cannot be written to an INI file`,
        next: 'give one line, without spaces around it or a backslash at its end',
      })
  },
  name: ({ path, section, key }: Ini) => `${path} ${formatLabel(section, key)}`,
  paths: want => [want.path],
  probe: want => printPart(want.path, runAwk(want, PRINT, sh`${want.path}`)),
  read: (out): Now | Unknown => {
    const part = readPart(out)
    if (part instanceof Unknown) return part
    if (part.word === 'torn')
      return new Unknown(
        'its value goes on in the next line, or looks as if it did: put it right by hand',
      )
    return part.word === 'end' ? part : unreadable(out)
  },
  plan: ({ lines, names }, want) => {
    const { path, section, key, value, validate } = want
    const now = lines.map(line => line.slice(1))
    const wanted =
      value instanceof Secret ? value.reveal() : value === undefined ? null : String(value)
    if (wanted === null ? now.length === 0 : now.length === 1 && now[0] === wanted) return null
    const diff: Diff = [
      {
        key: formatLabel(section, key),
        before:
          now.length === 0 ? null : value instanceof Secret ? '(other value)' : now.join('\n'),
        after: value === undefined ? null : String(value),
      },
      ...diffNames(names),
    ]
    const edit = (program: string, files: Sh) =>
      editFile(
        path,
        sh`${lookAtEnd}
${runAwk(want, program, files)}`,
        validate,
      )
    if (value === undefined) return change(diff, edit(REMOVE, PRESENT))
    const line = value instanceof Secret ? [value, '\n'] : `${value}\n`
    return change(diff, edit(WRITE, sh`- ${PRESENT} ${PRESENT}`), { stdin: line })
  },
})

const formatLabel = (section: string | undefined, key: string): string =>
  section ? `[${section}] ${key}` : key

/**
 * awk over the file, with `here` true in the section and `ours` true for the lines of the key: then
 * `head` is the text before the value, `old` the value. Names come by the environment, in which awk
 * reads no backslash; a new value comes as the first line of stdin, hidden from other users.
 *
 * A line after one that ends with a backslash belongs to its value. So may one that is indented
 * deeper than the key above it: some programs read it so, and others as a key. It is never edited.
 */
const runAwk = ({ section = '', key, separator = '=' }: Ini, program: string, files: Sh): Sh =>
  sh`SECTION=${section} KEY=${key} SEPARATOR=${separator} \
awk ${program.replace('FIND', `${LINES}${FIND}`)} ${files}`

const FIND = String.raw`
FNR == 1 {here = ENVIRON["SECTION"] == ""; depth = -1; mine = joined = 0}
{
  was = here; ours = 0; bare = text; sub(/^[ \t]+/, "", bare); indent = length(text) - length(bare)
  within = joined; joined = bare ~ /\\$/ && (within || bare !~ /^[#;]/)
}
!within && bare ~ /^\[[^]]*\]/ {
  name = substr(bare, 2); sub(/\].*/, "", name); here = name "" == ENVIRON["SECTION"]
  depth = -1; mine = 0
}
!within && here && bare != "" && bare !~ /^[#;[]/ {
  at = index(bare, "="); name = at ? substr(bare, 1, at - 1) : bare
  sub(/[ \t]+$/, "", name); ours = name "" == ENVIRON["KEY"]
  if (depth >= 0 && indent > depth) {if (mine || ours) torn = 1; ours = 0}
  else {depth = indent; mine = ours}
  old = at ? substr(bare, at + 1) : ""; sub(/^[ \t]+/, "", old); sub(/[ \t]+$/, "", old)
  match(text, /=[ \t]*/)
  head = at ? substr(text, 1, RSTART + RLENGTH - 1) : ENVIRON["KEY"] ENVIRON["SEPARATOR"]
}`

const PRINT = String.raw`FIND
ours {print "=" old; if (old ~ /\\$/) torn = 1}
END {print torn ? "torn" : "end"}`

const REMOVE = `FIND
!ours {keep()}
END {finish()}`

/**
 * Over stdin and twice the file: first it looks whether the key is there, then it writes. A new key
 * is held back until its section ends, before the blank lines at its end.
 */
const WRITE = String.raw`
FNR == 1 {part++}
part == 1 {value = $0; fresh = ENVIRON["KEY"] ENVIRON["SEPARATOR"] value; got = 1; next}
FIND
part == 2 {if (ours) have = 1; next}
function flush(  i) {for (i = 1; i <= blanks; i++) {write(blank[i]); kept = 1}; blanks = 0}
{last = bare}
ours {flush(); if (!done) put(head value); done = 1; next}
!have && !done && here && !within && bare == "" {blank[++blanks] = $0; next}
!have && !done && was && !within && bare ~ /^\[[^]]*\]/ {put(fresh); done = 1}
{flush(); keep()}
END {
  if (!got) exit 1
  if (!done && ENVIRON["SECTION"] != "" && !here) {
    if (last != "") put("")
    put("[" ENVIRON["SECTION"] "]")
  }
  if (!done) put(fresh)
  flush(); finish()
}`
