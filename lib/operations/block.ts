import { OptionError } from '../errors/option-error.ts'
import { change, operation, Unknown, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
import { editFile, type Validate } from './file/edit.ts'
import { checkPath, type Path } from './file/entry.ts'

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
 * end. The rest of the file stays as it is at that moment.
 */
export const block = operation('block', {
  check: (want: Block) => {
    checkPath(want.path)
    if (/[\0\n]/.test(want.name)) throw new OptionError({ message: 'name: one line is expected' })
    const { begin, end } = makeMarks(want)
    if (want.content.split('\n').some(line => line === begin || line === end))
      throw new OptionError({
        message: 'content: it holds the marks of this block',
        next: 'give the block another name',
      })
  },
  name: ({ path, name }: Block) => `${path} ${name}`,
  paths: want => [want.path],
  probe: ({
    path,
    ...want
  }) => sh`[ -f ${path} ] || { echo ${`no such file: ${path}`} >&2; exit 1; }
BEGIN=${makeMarks(want).begin} END=${makeMarks(want).end} awk '
$0 == ENVIRON["BEGIN"] {if (inside || seen) bad = 1; inside = seen = 1; next}
$0 == ENVIRON["END"] {if (!inside) bad = 1; inside = 0; next}
inside {print}
END {print ((bad || inside) ? "torn" : (seen ? "present" : "absent"))}' ${path}`,
  read: out => {
    const lines = out.stdout.toString().split('\n').slice(0, -1)
    const word = lines.pop()
    if (out.exitCode !== 0 || !word) return unreadable(out)
    if (word === 'torn')
      return new Unknown('the marks of the block do not match each other: put them right by hand')
    return word === 'absent' ? null : lines.map(line => `${line}\n`).join('')
  },
  plan: (now, { path, validate, ...want }) => {
    const content =
      want.content === '' || want.content.endsWith('\n') ? want.content : `${want.content}\n`
    if (now === content) return null
    const { begin, end } = makeMarks(want)
    const part = (program: string) => sh`BEGIN=${begin} END=${end} awk ${program} ${path} || exit 1`
    const edit = sh`c=$(cat; echo .); [ \${#c} -eq ${Buffer.byteLength(content) + 1} ] ||
  { echo 'the content did not arrive whole' >&2; exit 1; }
${part('$0 == ENVIRON["BEGIN"] {exit} {print}')}
printf '%s\n' ${begin}; printf %s "\${c%.}"; printf '%s\n' ${end}
${part('after {print} $0 == ENVIRON["END"] {after = 1}')}`
    return change(
      [{ key: want.name, before: now, after: content, text: true }],
      editFile(path, edit, validate),
      { stdin: content },
    )
  },
})

const makeMarks = ({ name, comment = '#' }: { name: string; comment?: string }) => ({
  begin: `${comment} BEGIN ${name} (managed)`,
  end: `${comment} END ${name} (managed)`,
})
