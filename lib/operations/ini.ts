import { OptionError } from '../errors/option-error.ts'
import { change, type Difference, operation, Unknown, unreadable } from '../operation.ts'
import { Secret } from '../secret.ts'
import { type Sh, sh } from '../sh.ts'
import { editFile, type Validate } from './file/edit.ts'
import { checkPath, type Path } from './file/entry.ts'

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

/** The values of the key, in file order. */
type Now = readonly string[]

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
  probe: want => sh`[ -f ${want.path} ] || { echo ${`no such file: ${want.path}`} >&2; exit 1; }
${runAwk(want, PRINT, sh`${want.path}`)}`,
  read: (out): Now | Unknown => {
    const lines = out.stdout.toString().split('\n')
    if (out.exitCode !== 0 || lines.at(-2) !== 'end') return unreadable(out)
    if (lines.includes('torn'))
      return new Unknown('the value goes on in the next line: put it right by hand')
    return lines.slice(0, -2).map(line => line.slice(1))
  },
  plan: (now, want) => {
    const { path, section, key, value, validate } = want
    const wanted =
      value instanceof Secret ? value.reveal() : value === undefined ? null : String(value)
    if (wanted === null ? now.length === 0 : now.length === 1 && now[0] === wanted) return null
    const diff: Difference = {
      key: formatLabel(section, key),
      before: now.length === 0 ? null : value instanceof Secret ? '(other value)' : now.join('\n'),
      after: value === undefined ? null : String(value),
    }
    if (value === undefined)
      return change([diff], editFile(path, runAwk(want, REMOVE, sh`${path}`), validate))
    const line = value instanceof Secret ? [value, '\n'] : `${value}\n`
    return change([diff], editFile(path, runAwk(want, WRITE, sh`- ${path} ${path}`), validate), {
      stdin: line,
    })
  },
})

const formatLabel = (section: string | undefined, key: string): string =>
  section ? `[${section}] ${key}` : key

/**
 * awk over the file, with `here` true in the section and `ours` true for the lines of the key: then
 * `head` is the text before the value, `old` the value. Names come by the environment, in which awk
 * reads no backslash; a new value comes as the first line of stdin, hidden from other users.
 */
const runAwk = ({ section = '', key, separator = '=' }: Ini, program: string, files: Sh): Sh =>
  sh`SECTION=${section} KEY=${key} SEPARATOR=${separator} \
awk ${program.replace('FIND', FIND)} ${files}`

const FIND = String.raw`
FNR == 1 {here = ENVIRON["SECTION"] == ""}
{was = here; ours = 0; text = $0; sub(/\r$/, "", text); sub(/^[ \t]+/, "", text)}
text ~ /^\[[^]]*\]/ {
  name = substr(text, 2); sub(/\].*/, "", name); here = name == ENVIRON["SECTION"]
}
here && text !~ /^[#;[]/ {
  at = index(text, "="); name = at ? substr(text, 1, at - 1) : text
  sub(/[ \t]+$/, "", name); ours = name == ENVIRON["KEY"]
  old = at ? substr(text, at + 1) : ""; sub(/^[ \t]+/, "", old); sub(/[ \t]+$/, "", old)
  match($0, /=[ \t]*/)
  head = at ? substr($0, 1, RSTART + RLENGTH - 1) : ENVIRON["KEY"] ENVIRON["SEPARATOR"]
}`

const PRINT = String.raw`FIND
ours {print "=" old; if (old ~ /\\$/) print "torn"}
END {print "end"}`

const REMOVE = `FIND
!ours {print}`

/**
 * Over stdin and twice the file: first it looks whether the key is there, then it writes. A new key
 * is held back until its section ends, before the blank lines at its end.
 */
const WRITE = String.raw`
FNR == 1 {part++}
part == 1 {value = $0; fresh = ENVIRON["KEY"] ENVIRON["SEPARATOR"] value; got = 1; next}
FIND
part == 2 {if (ours) have = 1; next}
{last = text}
ours {if (!done) print head value ($0 ~ /\r$/ ? "\r" : ""); done = 1; next}
!have && !done && here && text == "" {blank = blank $0 "\n"; next}
!have && !done && was && text ~ /^\[[^]]*\]/ {print fresh; done = 1}
{printf "%s", blank; blank = ""; print}
END {
  if (!got) exit 1
  if (!done && ENVIRON["SECTION"] != "" && !here) {
    if (last != "") print ""
    print "[" ENVIRON["SECTION"] "]"
  }
  if (!done) print fresh
  printf "%s", blank
}`
