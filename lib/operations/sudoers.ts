import { OptionError } from '../errors/option-error.ts'
import { change, differences, operation, Unknown } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { printUnproven, takeBackUnlessProven } from './access/take-back.ts'
import {
  completeFile,
  diffFile,
  type PresentFile,
  printFile,
  putFile,
  readFile,
  type WantedFile,
} from './file/content.ts'
import { putInPlace } from './file/put.ts'

export type Sudoers = {
  /** The file below /etc/sudoers.d. sudo passes over names with a dot or a tilde. */
  readonly name: string
  /**
   * Lines as sudoers(5) has them: `deploy ALL=(ALL) NOPASSWD: ALL`. The aliases they use stand
   * among them.
   */
  readonly rules: readonly string[]
}

const FOLDER = '/etc/sudoers.d'
type Now = { readonly file: PresentFile | null; readonly proven: boolean }

const rulesFile = operation('sudoers', {
  want: ({ name, rules }: Sudoers): WantedFile =>
    completeFile({ path: `${FOLDER}/${name}`, content: `${rules.join('\n')}\n`, mode: '440' }),
  name: ({ path }) => path,
  paths: ({ path }) => [path],
  probe: want => sh`grep -Eqs '^[#@]includedir[[:space:]]+/etc/sudoers\.d/?[[:space:]]*$' \
  /etc/sudoers && echo '= read' || echo '= unread'
[ "$(${printUnproven('sudoers')})" = '' ] && echo '= proven' || echo '= unproven'
${printFile(want)}`,
  read: (out): Now | Unknown => {
    const file = readFile(out, 2)
    if (file instanceof Unknown) return file
    const words = out.stdout.toString('latin1').split('\n', 2)
    return words[0] === '= read'
      ? { file, proven: words[1] === '= proven' }
      : new Unknown(
          `/etc/sudoers does not read ${FOLDER}: install sudo, ` +
            `or add the line @includedir ${FOLDER} to it with visudo`,
        )
  },
  plan: (now, want) => {
    const file = diffFile(now.file, want)
    if (file instanceof Unknown) return file
    const validate = (path: Sh) => sh`visudo -csf ${path} >&2`
    // What is not proven is taken back before, and written again.
    const { apply, writes } = now.proven
      ? putFile(file, want, validate)
      : { apply: putInPlace({ ...want, validate }), writes: true }
    const proof = differences({ login: now.proven ? 'proven' : 'unproven' }, { login: 'proven' })
    return change(
      [...file, ...proof],
      takeBackUnlessProven({
        name: 'sudoers',
        save: sh`[ ! -e ${want.path} ] || cp -p ${want.path} "$w/rules"`,
        change: sh`visudo -cf /etc/sudoers >/dev/null 2>&1; before=$?
( ${apply}
) || exit 1
[ $before != 0 ] || said=$(visudo -cf /etc/sudoers 2>&1) || {
  echo "$said" >&2
  echo 'sudo does not accept these rules beside its others; they were taken back' >&2
  exit 1
}`,
        undo: sh`if [ -e "$w/rules" ]; then cp -p "$w/rules" ${want.path}.brd~ &&
  mv -f ${want.path}.brd~ ${want.path}
else rm -f ${want.path}; fi`,
      }),
      { provenByLogin: true, seconds: 150, ...(writes ? { stdin: want.content } : {}) },
    )
  },
})

/**
 * sudo has these rules. A mistake in them is found by visudo before they are put in place, alone
 * and
 * beside the other files: one bad file would lock out everyone. They are taken back if this run can
 * no longer log in and become root.
 */
export const sudoers = operation('sudoers', {
  from: (want: Sudoers, meta) => {
    if (!/^[\w-]+$/.test(want.name))
      throw new OptionError({
        message: `name: sudo ignores a file named ${JSON.stringify(want.name)}`,
        next: 'use letters, digits, _ and -',
      })
    const made = rulesFile(want, meta)
    return { ...made, key: `file ${made.name}` } // it is the file: no other operation owns it
  },
})
