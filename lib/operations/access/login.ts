import { type Sh, sh } from '../../sh.ts'

/** Sets `$user` to the user who must be able to log in: by default who did for this run. */
export const setLoginUser = (login = ''): Sh =>
  sh`user=${login}; user=\${user:-\${SUDO_USER:-root}}`

/**
 * Sets `$c` to the ends of the ssh connection of this run, `client port server port`; empty if it
 * came by none.
 */
export const findConnection: Sh = sh`p=$$ c=
while [ "$p" -gt 1 ]; do
  c=$(tr '\0' '\n' <"/proc/$p/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p')
  [ -z "$c" ] || break
  p=$(awk '/^PPid:/ {print $2}' "/proc/$p/status") || break
done`

/**
 * Sets `$of` to what `sshd -T -C` needs besides the user: the ends of this run's connection, since
 * a Match block may tell them apart.
 */
export const setConnection: Sh = sh`${findConnection}
set -- $c
[ $# -eq 4 ] || set -- 127.0.0.1 0 127.0.0.1 22
of="host=\${1%%\%*},addr=\${1%%\%*},laddr=\${3%%\%*},lport=$4"`
