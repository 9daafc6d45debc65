import { type Sh, sh, shared } from '../../sh.ts'

/** Whether a change at this path may concern who logs in: a home, or what holds its keys. */
export const mayHoldKeys = (path: string): boolean =>
  /^\/(?:home\/[^/]+|root)$|\/\.ssh(?:\/|$)/.test(path)

/**
 * Defines `at_home COMMAND…`, which runs it in the home of this run's user, and `lets_in`: whether
 * sshd takes the key of this run's login from there, by what it asks of the way to it.
 */
export const LETS_IN = shared(
  'login',
  sh`at_home() (
  u=\${SUDO_USER:-root} h=$(getent passwd "\${SUDO_USER:-root}" | cut -d : -f 6)
  [ -n "\${login_key:-}" ] && [ -d "$h" ] && cd -P -- "$h" && "$@"
)
keys() { printf '%s/.ssh/authorized_keys/\n' "$h" "$(pwd -P)"; }
lets_in() { at_home try_key </dev/null 2>/dev/null; }
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
}`,
)

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

/**
 * Adds to the check of a file's new version that this run can log in again with it: its key is
 * there, or its account as it was.
 */
export const addLoginCheck = (
  path: string,
  check: ((fresh: Sh) => Sh) | undefined,
): ((fresh: Sh) => Sh) | undefined => {
  const own = /^\/etc\/(?:passwd|shadow)$/.test(path)
    ? checkAccount
    : mayHoldKeys(path)
      ? checkKeys
      : undefined
  return own
    ? fresh => sh`${own(path, fresh)}
${check ? check(fresh) : sh`:`}`
    : check
}

const checkKeys = (path: string, fresh: Sh): Sh => sh`${LETS_IN}
! lets_in || ! at_home keys | grep -qxF -e ${`${path}/`} || {
  set -- $(stat -c '%u %a' ${fresh}) "$(id -u "\${SUDO_USER:-root}")"
  case $1.$2 in "$3".[4-7]* | 0.*[4-7]) ;; *) false ;; esac &&
    ssh-keygen -l -f ${fresh} 2>/dev/null | grep -qF -e " $login_key "
} || {
  echo 'refused: with it sshd would no longer take the key that this run logged in with:' \
    'change keys with authorizedKeys' >&2
  exit 1
}`

/** Its uid, home and shell stay, and a password that is not locked does not become so. */
const checkAccount = (path: string, fresh: Sh): Sh => sh`facts() { # file
  NAME=\${SUDO_USER:-root} PART=${path} awk -F : '$1 "" == ENVIRON["NAME"] {
    if (ENVIRON["PART"] ~ /passwd$/) {print $3, $6, $7; next}
    print ($2 == "" ? "empty" : $2 ~ /^[!*]/ ? "locked" : "set"), $3 "" == "0", $8
  }' "$1"
}
[ "$(facts ${path})" = "$(facts ${fresh})" ] || {
  echo 'refused: it would change the account by which this run logged in:' \
    'change it with user or passwordLock' >&2
  exit 1
}`

/**
 * A change after which sshd takes the key of this run's login as before: otherwise the key's file,
 * and owner and mode of its folder and the home, are put back. Also if the change is ended.
 */
export const keepLogin = (change: Sh): Sh => sh`( ${KEEP}
( ${change}
) )`

const KEEP = shared(
  'keep',
  sh`${LETS_IN}
put_back() {
  u=\${SUDO_USER:-root} h=$(getent passwd "\${SUDO_USER:-root}" | cut -d : -f 6)
  set -- $were
  [ -e "$h" ] || mkdir -m 700 "$h"
  cd -P -- "$h" && chown "$1" . && chmod "00$2" . || exit 1
  { [ -d .ssh ] && [ ! -h .ssh ]; } || { rm -f .ssh; mkdir -m 700 .ssh; } || exit 1
  h=$(pwd -P) && cd -P .ssh && [ "$(pwd -P)" = "\${h%/}/.ssh" ] || exit 1
  owner=$3 mode=$4
  chown "$u" . && chmod 00700 . || exit 1
  set -- sh -c 'umask 077; cat >.put-back && mv -f -T .put-back authorized_keys'
  [ "$(id -un)" = "$u" ] || set -- runuser -u "$u" -- "$@"
  printf %s "\${keys%.}" | "$@" || exit 1
  chown "$owner" . && chmod "00$mode" .
}
check_login() {
  trap - 0; trap '' HUP INT TERM
  [ -z "$were" ] || lets_in || {
    ( put_back )
    lets_in && set -- 'it was put back' || set -- 'it could not be put back'
    echo 'refused: sshd would no longer take the key that this run logged in with;' "$1" >&2
    exit 1
  }
}
were= keys=
! lets_in || {
  were=$(at_home stat -c '%u:%g %a' . .ssh) || exit 1
  keys=$(at_home cat .ssh/authorized_keys && echo .) || exit 1
}
trap 'r=$?; check_login; exit $r' 0; trap 'exit 143' HUP INT TERM`,
)
