import { isIP } from 'node:net'
import { OptionError } from '../errors/option-error.ts'
import { change, operation, Unknown, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { editFile, PRESENT } from './file/edit.ts'
import { checkPath, type Path } from './file/entry.ts'
import { diffNames, LINES, lookAtEnd, type Part, printPart, readPart } from './file/lines.ts'

export type HostsEntry = {
  /**
   * Names that resolve to the address, the full one first. Other names of the file are left alone.
   */
  readonly names: readonly [string, ...string[]]
  /** The file. Default /etc/hosts. A symlink is followed. */
  readonly path?: Path
} & (
  | {
      /** IPv4 or IPv6. The names resolve to no other address of its family. */
      readonly address: string
      /** `absent`: the names resolve to no address in the file. Default present. */
      readonly state?: 'present'
    }
  | { readonly state: 'absent'; readonly address?: never }
)

/**
 * In the hosts file these names resolve to this address, on one line without other names, or to no
 * address. The other lines stay as they are at that moment.
 */
export const hostsEntry = operation('hostsEntry', {
  check: (want: HostsEntry) => {
    checkPath(pickFile(want))
    const bad = want.names.find(
      name =>
        !/^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/.test(
          name,
        ),
    )
    if (bad !== undefined)
      throw new OptionError({ message: `names: ${JSON.stringify(bad)} is not a host's name` })
    if (want.address !== undefined && isIP(want.address) === 0)
      throw new OptionError({
        message: `address: ${JSON.stringify(want.address)} is not an IPv4 or IPv6 address`,
      })
  },
  name: ({ path = '/etc/hosts', names }: HostsEntry) => `${path} ${names[0]}`,
  paths: want => [pickFile(want)],
  probe: want =>
    printPart(
      pickFile(want),
      runAwk(want, '{if (split_line()) print text} END {print "end"}', sh`${pickFile(want)}`),
    ),
  read: (out): Part | Unknown => {
    const part = readPart(out)
    return part instanceof Unknown || part.word === 'end' ? part : unreadable(out)
  },
  plan: ({ lines, names }, want) => {
    const right = formatLine(want)
    if (right === null ? lines.length === 0 : lines.length === 1 && tidyLine(lines[0]) === right)
      return null
    const before = lines.length > 0 ? lines.join('\n') : null
    const rewrite = `{if (!split_line()) {keep(); next}}
kept_names {put(rest)} !kept_names && same {place()} END {place(); finish()}`
    return change(
      [{ key: want.names[0], before, after: right }, ...diffNames(names)],
      editFile(
        pickFile(want),
        sh`${lookAtEnd}
${runAwk(want, rewrite, PRESENT)}`,
      ),
    )
  },
})

const pickFile = ({ path = '/etc/hosts' }: HostsEntry): Path => path
const tidyLine = (line = ''): string => line.replace(/#.*/, '').trim().replace(/\s+/g, ' ')
const formatLine = ({ address, names }: HostsEntry): string | null =>
  address === undefined ? null : [address, ...names].join(' ')

/**
 * awk over the file. `split_line()` is true of a line that has one of the names for an address of
 * the family; `rest` is that line without them, `kept_names` how many other names it has, `same`
 * whether it is of the address itself.
 */
const runAwk = (want: HostsEntry, program: string, file: Sh): Sh => {
  const { address = '', names } = want
  const folded = ` ${names.join(' ').toLowerCase()} `
  return sh`ADDRESS=${address} NAMES=${folded} LINE=${formatLine(want) ?? ''} \
awk ${`${LINES}${SPLIT}${program}`} ${file}`
}

const SPLIT = `
function place() {if (!done && ENVIRON["LINE"] != "") put(ENVIRON["LINE"]); done = 1}
function split_line(  words, comment, n, word, i) {
  words = text; comment = ""; kept_names = same = 0
  if (i = index(words, "#")) {comment = " " substr(words, i); words = substr(words, 1, i - 1)}
  n = split(words, word)
  if (n < 2 || (ENVIRON["ADDRESS"] != "" && (word[1] ~ /:/) != (ENVIRON["ADDRESS"] ~ /:/))) return 0
  rest = word[1]; same = word[1] "" == ENVIRON["ADDRESS"]
  for (i = 2; i <= n; i++)
    if (!index(ENVIRON["NAMES"], " " tolower(word[i]) " ")) {
      rest = rest " " word[i]; kept_names++
    }
  if (kept_names == n - 1) return 0
  rest = rest comment
  return 1
}
`
