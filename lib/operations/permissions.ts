import { OptionError } from '../errors/option-error.ts'
import { change, type Difference, operation, Unknown, unreadable } from '../operation.ts'
import { join, type Sh, sh } from '../sh.ts'
import { keepLogin } from './access/keep-login.ts'
import {
  foretellLogin,
  type LoginWay,
  printLoginWay,
  readLoginWay,
  type Step,
} from './access/login-way.ts'
import { checkPath, type Path, printEntry, readEntry } from './file/entry.ts'
import { FOLDER_FUNCTIONS, workBeside } from './file/folder.ts'
import { makeModeRule, makeOwnerRules, type Rule } from './permissions/rules.ts'

export type Permissions = {
  /**
   * The folder (or file), absolute, on the host, with all below it on the same file system.
   * Symlinks are neither followed nor changed.
   */
  readonly path: Path
  /** A user's name, or a number. Default: as it is. */
  readonly owner?: string | number
  /** A group's name, or a number. Default: as it is. */
  readonly group?: string | number
  /** Mode of files, octal. Default: as it is. */
  readonly files?: string
  /**
   * Mode of files that their owner may execute, octal: with it, what could be executed can be
   * afterwards (the `X` of chmod). Default: that of `files`.
   */
  readonly executables?: string
  /** Mode of folders, octal. Default: as it is. */
  readonly directories?: string
}

type Want = {
  readonly path: string
  readonly rules: readonly Rule[]
  readonly wanted: Permissions
}
type Count = { readonly count: number; readonly names: readonly string[] }
type Now = { readonly counts: readonly Count[]; readonly login: LoginWay | null }

/**
 * Everything in a folder belongs to this owner and group and has these modes, separately for files
 * and folders. Only what differs is counted and changed. Folders that the system needs are refused.
 */
export const permissions = operation('permissions', {
  want: (want: Permissions) => {
    const { path, files, directories, executables = files } = want
    if (system.test(checkPath(path)))
      throw new OptionError({
        message: 'refused: packages own what is in this folder',
        next: 'name a folder further down',
      })
    if (
      want.executables !== undefined &&
      (files === undefined || (Number.parseInt(want.executables, 8) & 0o100) === 0)
    )
      throw new OptionError({
        message:
          'executables: a mode that lets the owner execute is expected, together with `files`',
      })
    const rules = [
      ...makeOwnerRules(want),
      ...(directories === undefined ? [] : [makeModeRule('directories', directories, sh`-type d`)]),
      ...(files === undefined || executables === files
        ? []
        : [makeModeRule('executables', executables as string, sh`-type f -perm -100`)]),
      ...(files === undefined
        ? []
        : [
            makeModeRule(
              'files',
              files,
              executables === files ? sh`-type f` : sh`-type f ! -perm -100`,
            ),
          ]),
    ]
    if (rules.length === 0)
      throw new OptionError({ message: 'an owner, a group or a mode is expected' })
    return { path, rules, wanted: want }
  },
  name: ({ path }: Want) => path,
  probe: ({ path, rules, wanted: { owner, group } }) => sh`${printLoginWay(
    path,
    String(owner ?? ''),
    String(group ?? ''),
  )}
${printEntry(path)}
case $s in directory*|regular*) ;; *) exit 0;; esac
${join(
  rules.map(
    rule => sh`${findDiffering(path, rule)} -exec sh -c ${COUNT} sh {} + || exit 74
echo .`,
  ),
)}`,
  read: (out, { path, rules }): Now | Unknown => {
    const [first = '', ...lines] = out.stdout.toString().split('\n')
    const entry = out.exitCode === 0 ? readEntry(first) : undefined
    if (entry === null) return new Unknown(`no such file or folder: ${path}`)
    if (entry && entry.type !== 'file' && entry.type !== 'directory')
      return new Unknown(`${path} is a ${entry.type}: it is not followed, name what is behind it`)
    const parts = lines.join('\n').split(/^\.\n/m)
    return entry === undefined || parts.length !== rules.length + 1
      ? unreadable(out)
      : { counts: parts.slice(0, -1).map(parseCount), login: readLoginWay(out.stderr) }
  },
  plan: ({ counts, login }, { path, rules, wanted }) => {
    const wrong = rules.flatMap((rule, i) => {
      const is = counts[i]
      return is && is.count > 0 ? [{ rule, is }] : []
    })
    const refused = foretellLogin(login, (_, step, way) => becomeWanted(wanted, step, way))
    if (wrong.length > 0 && refused) return refused
    const diff = wrong.map(
      ({ rule, is }): Difference => ({ key: rule.key, before: formatCount(is), after: rule.after }),
    )
    return change(diff, keepLogin(mendAll(path, rules)), { seconds: 600 })
  },
  probeSeconds: 120,
})

/** What a part of the login's way becomes. */
const becomeWanted = (
  { owner, group, files, executables = files, directories }: Permissions,
  step: Step,
  way: LoginWay,
): Step => {
  const isExecutable = (Number.parseInt(step.mode, 8) & 0o100) !== 0
  const mode = step.type === 'directory' ? directories : isExecutable ? executables : files
  return {
    ...step,
    uid: owner === undefined ? step.uid : way.owner,
    gid: group === undefined ? step.gid : way.group,
    mode: mode ?? step.mode,
  }
}

/** Prints how many there are, and the first names. */
const COUNT =
  'echo $#; for f; do [ $((n += 1)) -le 3 ] || break; printf %s "$f" | tr "\\n" "?"; echo; done'

const findDiffering = (path: string, { some, differ }: Rule): Sh =>
  sh`find ${path} -xdev ${some} ${differ}`

/**
 * Everything that differs, folder by folder. Other users may change names in these folders
 * meanwhile, so each is entered and its files are held by hard links in a private folder. All rules
 * are applied, in their order: chown takes the set-id bits away.
 */
const mendAll = (path: string, rules: readonly Rule[]): Sh => {
  const differing = join(
    rules.map(({ some, differ }) => sh`${some} ${differ}`),
    ' -o ',
  )
  const mend = (names: Sh) =>
    join(
      rules.map(
        rule =>
          sh`find ${names} -prune ${rule.some} ${rule.differ} -exec ${rule.mend} {} + || exit 1`,
      ),
    )
  const script = sh`${FOLDER_FUNCTIONS}
give() ( # folder, names
  enter "$1"; shift
  if [ -z "$shared" ]; then
    for name; do shift; set -- "$@" "./$name"; done
    ${mend(sh`"$@"`)}
    exit
  fi
  name=permissions
  ${workBeside}
  mkdir ./t || exit 1
  for f; do shift; set -- "$@" "../$f"; done
  ln "$@" ./t/ || exit 1
  (
    cd ./t && owner=$(stat -c %u ../..) || exit 1
    f=$(find . ! -name . -prune -links +2 ! -user "$owner")
    [ -z "$f" ] || refuse "$f: other names of it (hard links) are elsewhere, and another user" \
      'can change this folder: its rights are left alone'
    ${mend(sh`. ! -name .`)}
  )
)
bad=0 folder=.
for f; do
  if [ ! -h "$f" ] && [ -d "$f" ]; then
    ( enter "$f"
    ${mend(sh`.`)}
    ) || bad=1
    continue
  fi
  if [ "\${f%/*}" != "$folder" ]; then
    [ "$folder" = . ] || give "$folder" "$@" || bad=1
    folder=\${f%/*}; set --
  fi
  set -- "$@" "\${f##*/}"
done
[ "$folder" = . ] || give "$folder" "$@" || bad=1
exit $bad`
  return sh`find ${path} -xdev '(' ${differing} ')' -print0 | xargs -0 -r sh -c ${script.text} sh`
}

/** Parses one rule's part of the probe: for each portion its size and its first names. */
const parseCount = (part: string): Count => {
  const lines = part.split('\n').filter(Boolean)
  const counts = lines.filter(line => /^\d+$/.test(line)).map(Number)
  return {
    count: counts.reduce((sum, n) => sum + n, 0),
    names: lines.filter(line => line.startsWith('/')).slice(0, 3),
  }
}

const formatCount = ({ count, names }: Count): string =>
  `otherwise: ${names.join(', ')}${count > names.length ? `, ${count - names.length} more` : ''}`

/**
 * Folders whose owners and modes belong to packages: to change everything in one of them would
 * break the system.
 */
const system =
  /^\/(bin|boot|dev|etc|home|lib\w*|opt|proc|root|run|sbin|sys|tmp|usr|var|usr\/[^/]+|etc\/(apt|pam\.d|ssh|ssl|sudoers\.d|systemd)|var\/(backups|cache|lib|local|lock|log|mail|opt|run|spool|tmp)|var\/lib\/(apt|dpkg|docker|containerd|systemd|brd))$/
