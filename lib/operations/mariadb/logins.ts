import { operation } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { placeOf, within } from '../docker/within.ts'
import { once } from '../once.ts'
import { loginFile, type Server } from './container.ts'

export type Login = Server & {
  /** Its name. */
  readonly user: string
  /** Where from it logs in: `localhost` tries the socket, anything else the network. */
  readonly host: string
  /** What it tries. */
  readonly password: Secret
  /** A keyed hash of the password: with another it is tried again. */
  readonly mark: string
}

/** It was shown that the server lets this user in with this password. */
export const accepts = operation('mariadb.accepts', {
  from: (want: Login, meta) =>
    once(
      {
        name: `${want.user}@${want.host} logs in to ${placeOf(want)}`,
        mark: want.mark,
        run: sh`${tried(want)}
[ $rc -eq 0 ] || { printf '%s\n' "$said" >&2; exit 1; }`,
        stdin: file(want),
      },
      meta,
    ),
})

/** It was shown that the server refuses this user with this password. */
export const refuses = operation('mariadb.refuses', {
  from: (want: Login, meta) =>
    once(
      {
        name: `${want.user}@${want.host} is refused by ${placeOf(want)}`,
        mark: want.mark,
        // 1045: access denied; 4151: the account is locked.
        run: sh`${tried(want)}
[ $rc -ne 0 ] || { echo 'the old password still logs in' >&2; exit 1; }
case $said in *'ERROR 1045'* | *'ERROR 4151'*) ;; *) printf '%s\n' "$said" >&2; exit 1 ;; esac`,
        stdin: file(want),
      },
      meta,
    ),
})

const tried = (want: Login): Sh => sh`${within(want)}
said=$(within sh -c ${script} 2>&1) && rc=0 || rc=$?`

// A temporary file in memory: the client does not read its options from a pipe.
const script = `umask 077
file=/dev/shm/brd.$$
trap 'rm -f "$file"' 0
cat >"$file" &&
  mariadb --defaults-extra-file="$file" --connect-timeout=5 --execute 'SELECT 1' >/dev/null`

const file = ({ user, host, password }: Login): Secret => {
  const way =
    host === 'localhost' ? 'socket=/run/mysqld/mysqld.sock\n' : 'host=127.0.0.1\nprotocol=tcp\n'
  return new Secret(loginFile(user, password.reveal(), way), `${password.name} as a client's file`)
}
