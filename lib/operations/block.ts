import { OptionError } from '../errors/option-error.ts'
import { change, operation, Unknown } from '../operation.ts'
import { sh } from '../sh.ts'
import { editFile, PRESENT, type Validate } from './file/edit.ts'
import { checkPath, type Path } from './file/entry.ts'
import { diffNames, LINES, lookAtEnd, printPart, readPart } from './file/lines.ts'

export type Block = Validate & {
  /** The file, absolute, on the host. It must be there. A symlink is followed. */
  readonly path: Path
  /**
   * What the block is about, one line. It is part of both marks and distinguishes the block from
   * others in the file.
   */
  readonly name: string
  /** The lines between the marks. */
  readonly content: string
  /** How a comment begins in this file. Default `#`. */
  readonly comment?: string
}

/**
 * A file holds these lines between two markers: in place of the present block, otherwise at the
 * end. The rest of the file stays as it is at that moment, byte by byte, and so does the way it
 * ends its lines.
 */
export const block = operation('block', {
  check: (want: Block) => {
    checkPath(want.path)
    if (/[\0\n\r]/.test(want.name)) throw new OptionError({ message: 'name: one line is expected' })
    if (want.content.includes('\0'))
      throw new OptionError({ message: 'content: text is expected, without NUL bytes' })
    const { begin, end } = makeMarks(want)
    if (want.content.split('\n').some(line => line === begin || line === end))
      throw new OptionError({
        message: 'content: it holds the marks of this block',
        next: 'give the block another name',
      })
  },
  name: ({ path, name }: Block) => `${path} ${name}`,
  paths: want => [want.path],
  probe: ({ path, ...want }) => {
    const { begin, end } = makeMarks(want)
    return printPart(
      path,
      sh`BEGIN=${begin} END=${end} awk ${`${LINES}
text "" == ENVIRON["BEGIN"] {if (inside || seen) bad = 1; inside = seen = 1; next}
text "" == ENVIRON["END"] {if (!inside) bad = 1; inside = 0; next}
inside {print text}
END {
  print ((bad || inside) ? "torn" : (seen ? "present" : "absent")) (crlf ? "-crlf" : "")
}`} ${path}`,
    )
  },
  read: readPart,
  plan: ({ lines, word, names }, { path, validate, ...want }) => {
    if (/^torn/.test(word))
      return new Unknown('the marks of the block do not match each other: put them right by hand')
    if (!/^(present|absent)(-crlf)?$/.test(word))
      return new Unknown(`the probe printed ${JSON.stringify(word)}`)
    const given =
      want.content === '' || want.content.endsWith('\n') ? want.content : `${want.content}\n`
    // Each line of such a file gets its carriage return when it is written.
    const content = word.endsWith('-crlf') ? given.replaceAll('\r\n', '\n') : given
    const now = word.startsWith('present') ? lines.map(line => `${line}\n`).join('') : null
    if (now === content) return null
    const { begin, end } = makeMarks(want)
    const edit = sh`${lookAtEnd}
c=$(cat; echo .); [ \${#c} -eq ${Buffer.byteLength(content) + 1} ] ||
  { echo 'the content did not arrive whole' >&2; exit 1; }
{ echo; printf %s "\${c%.}"; } | BEGIN=${begin} END=${end} awk ${WRITE} - ${PRESENT}`
    return change(
      [{ key: want.name, before: now, after: content, text: true }, ...diffNames(names)],
      editFile(path, edit, validate),
      { stdin: content },
    )
  },
})

/** Over the new content, after an empty line, and the file. */
const WRITE = `FNR == 1 {part++}
part == 1 {if (FNR > 1) fresh[++n] = $0; next}
${LINES}
function block(  i) {
  put(ENVIRON["BEGIN"]); for (i = 1; i <= n; i++) put(fresh[i]); put(ENVIRON["END"]); done = 1
}
text "" == ENVIRON["BEGIN"] {block(); inside = 1; next}
text "" == ENVIRON["END"] {inside = 0; next}
!inside {keep()}
END {if (!done) block(); finish()}`

const makeMarks = ({ name, comment = '#' }: { name: string; comment?: string }) => ({
  begin: `${comment} BEGIN ${name} (managed)`,
  end: `${comment} END ${name} (managed)`,
})
