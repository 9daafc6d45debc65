import { type Sh, sh } from '../../sh.ts'

/** Whether a change at this path may concern who logs in: a home, or what holds its keys. */
const mayHoldKeys = (path: string): boolean => /^\/(?:home\/[^/]+|root)$|\/\.ssh(?:\/|$)/.test(path)

/**
 * Defines `at_home COMMAND…`, which runs it in the home of this run's user, and `lets_in`: whether
 * sshd takes the key of this run's login from there, by what it asks of the way to it.
 */
const LETS_IN = sh`at_home() (
  u=\${SUDO_USER:-root} h=$(getent passwd "\${SUDO_USER:-root}" | cut -d : -f 6)
  [ -n "\${login_key:-}" ] && [ -d "$h" ] && cd -P -- "$h" && "$@"
)
keys() { printf '%s/.ssh/authorized_keys/\n' "$h" "$(pwd -P)"; }
lets_in() { at_home try_key 2>/dev/null; }
try_key() {
  id=$(id -u "$u")
  for f in . .ssh .ssh/authorized_keys; do
    m=$(stat -L -c '%u %a' "$f") || return 1
    [ ! -h "$f" ] || return 1
    case $m in "0 "* | "$id "*) ;; *) return 1 ;; esac
    case $m in *[2367]? | *[2367]) return 1 ;; esac
  done
  set -- cat .ssh/authorized_keys
  [ "$(id -un)" = "$u" ] || set -- runuser -u "$u" -- "$@"
  "$@" | ssh-keygen -l -f - | grep -qF -e " $login_key "
}`

/**
 * Ends the probe with 3 if the key of this run's login would go with what is at the path. After
 * `printEntry`.
 */
export const refuseKeyLoss = (path: string, isFolder: boolean): Sh =>
  isFolder || mayHoldKeys(path)
    ? sh`[ "$s" = absent ] || [ -z "\${login_key:-}" ] || {
  ${LETS_IN}
  ! lets_in || case $(at_home keys) in ${path}/* | *'
'${path}/*)
    echo ${`refused: it holds the key that this run logged in with: take out keys with \
authorizedKeys, or log in with another key`} >&2
    exit 3 ;;
  esac
}`
    : sh`:`

/** Refuses a new version of the file with which this run could not log in again. */
export const addKeyCheck = (
  path: string,
  check: ((fresh: Sh) => Sh) | undefined,
): ((fresh: Sh) => Sh) | undefined =>
  mayHoldKeys(path)
    ? fresh => sh`${LETS_IN}
! lets_in || ! at_home keys | grep -qxF -e ${`${path}/`} || {
  set -- $(stat -c '%u %a' ${fresh}) "$(id -u "\${SUDO_USER:-root}")"
  case $1.$2 in "$3".[4-7]* | 0.*[4-7]) ;; *) false ;; esac &&
    ssh-keygen -l -f ${fresh} 2>/dev/null | grep -qF -e " $login_key "
} || {
  echo 'refused: with it sshd would no longer take the key that this run logged in with:' \
    'change keys with authorizedKeys' >&2
  exit 1
}
${check ? check(fresh) : sh`:`}`
    : check

/**
 * The change of owner and mode of the working folder. They are as before if sshd would no longer
 * take the key of this run's login.
 */
export const keepLogin = (path: string, change: Sh): Sh =>
  mayHoldKeys(path)
    ? sh`${LETS_IN}
were=
! lets_in || were=$(stat -c '%u:%g %a' .)
( ${change}
) || exit
[ -z "$were" ] || lets_in || {
  chown "\${were% *}" . && chmod "00\${were#* }" .
  echo 'refused: sshd would no longer take the key that this run logged in with;' \
    'owner and mode are as they were' >&2
  exit 1
}`
    : change
