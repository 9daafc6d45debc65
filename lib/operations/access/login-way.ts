import { Unknown } from '../../operation.ts'
import { type Sh, sh, shared } from '../../sh.ts'
import { LETS_IN } from './keep-login.ts'

/** A part of the way by which sshd takes the key of this run's login, as it is or will be. */
export type Step = {
  readonly type: string
  readonly uid: string
  readonly gid: string
  /** Octal, as stat prints it. */
  readonly mode: string
  /** The fingerprints of its keys, if it gets others. */
  readonly keys?: readonly string[]
}

/** The parts of the way that lie in a folder: home, .ssh and authorized_keys. */
export type LoginWay = {
  readonly key: string
  readonly uid: string
  readonly groups: readonly string[]
  /** Numbers of the wanted owner and group; empty if none are wanted, or nobody knows them. */
  readonly owner: string
  readonly group: string
  /** By their paths from the folder; `.` is the folder itself. */
  readonly steps: ReadonlyMap<string, Step>
}

/**
 * Says on stderr what of the way lies at the path or below it, on its file system, if sshd takes
 * the key of this run's login today.
 */
export const printLoginWay = (path: string, owner = '', group = ''): Sh => sh`${WAY}
[ -z "\${login_key:-}" ] || print_way ${path} ${owner} ${group}`

const WAY = shared(
  'way',
  sh`${LETS_IN}
print_way() { # path, owner, group
  if [ -d "$1" ]; then t=$(cd -P -- "$1" && pwd -P)
  else t=$(cd -P -- "\${1%/*}/" && pwd -P) && t=\${t%/}/\${1##*/}; fi 2>/dev/null || return 0
  k=$(at_home pwd -P)/.ssh/authorized_keys
  case $k/ in "\${t%/}"/*) ! lets_in || at_home say_way "$t" "$k" "$2" "$3" >&2 ;; esac
}
say_way() { # path, file, owner, group
  echo "login $login_key $(id -u "$u")" "$(number_of passwd "$3")" "$(number_of group "$4")" \
    "$(id -G "$u")"
  on=$(stat -c %d "$1")
  for f in "\${2%/.ssh/*}" "\${2%/*}" "$2"; do
    case $f/ in "\${1%/}"/*) ;; *) continue ;; esac
    [ "$(stat -c %d "$f")" != "$on" ] ||
      printf 'step %s|%s\n' "$(stat -c '%F|%u|%g|%a' "$f")" ".\${f#"\${1%/}"}"
  done
}
number_of() { # passwd or group, name
  case $2 in '') echo - ;; *[!0-9]*) getent "$1" "$2" | cut -d : -f 3 | grep . || echo - ;;
    *) echo "$2" ;; esac
}`,
)

/** Reads what `printLoginWay` said; null if nothing of the way is concerned. */
export const readLoginWay = (stderr: string): LoginWay | null => {
  const [, key = '', uid = '', owner = '', group = '', groups = ''] =
    /^login (SHA256:\S+) (\d+) (\d+|-) (\d+|-) ([\d ]+)$/m.exec(stderr) ?? []
  if (key === '') return null
  const steps = [...stderr.matchAll(/^step ([^|]+)\|(\d+)\|(\d+)\|(\d+)\|\.\/?(.*)$/gm)].map(
    ([, type = '', uid = '', gid = '', mode = '', inner = '']) =>
      [inner || '.', { type: type.replace('regular ', ''), uid, gid, mode }] as const,
  )
  const number = (text: string) => (text === '-' ? '' : text)
  return {
    key,
    uid,
    groups: groups.split(' '),
    owner: number(owner),
    group: number(group),
    steps: new Map(steps),
  }
}

/** Refuses a change after which sshd would not take the key; `foretell`: what a step becomes. */
export const foretellLogin = (
  way: LoginWay | null,
  foretell: (inner: string, step: Step, way: LoginWay) => Step | null,
): Unknown | null =>
  way === null ||
  [...way.steps].every(([inner, step]) => isOpen(way, step, foretell(inner, step, way)))
    ? null
    : new Unknown(
        'refused: sshd would no longer take the key that this run logged in with: ' +
          'leave out what holds it, or log in with another key',
      )

/** Whether sshd accepts the step, and can read it as the user. */
const isOpen = ({ uid, groups, key }: LoginWay, was: Step, step: Step | null): boolean => {
  if (step === null || step.type !== was.type || !['0', uid].includes(step.uid)) return false
  const mode = Number.parseInt(step.mode, 8)
  const own = step.uid === uid ? mode >> 6 : groups.includes(step.gid) ? mode >> 3 : mode
  const need = step.type === 'directory' ? 1 : 4
  return (
    (mode & 0o022) === 0 &&
    (uid === '0' || (own & need) === need) &&
    (step.keys?.includes(key) ?? true)
  )
}
