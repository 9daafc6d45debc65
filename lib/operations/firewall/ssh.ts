import { type Sh, sh } from '../../sh.ts'
import { findConnection } from '../access/login.ts'

/** Prints each port that sshd is configured for, and the address of the current session. */
export const printSsh: Sh = sh`if command -v sshd >/dev/null; then
  sshd -T 2>/dev/null | sed -n 's/^port /port=/p'
fi
${findConnection}
set -- $c
[ $# -lt 4 ] || { echo "port=$4"; echo "session=\${1%%\%*}"; }`
