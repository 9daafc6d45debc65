import { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { defineWithin, nameLocation } from '../docker/within.ts'
import { makeLogins } from '../runOnce/logins.ts'
import { formatLoginFile, type MariadbServer } from './container.ts'

export type MariadbLogin = MariadbServer & {
  /** The user's name. */
  readonly user: string
  /** The host part of the account: `localhost` tries the socket, others the network. */
  readonly host: string
  /** The password to try. */
  readonly password: Secret
  /** A keyed hash of the password: another password is tried again. */
  readonly version: string
}

const mariadbLogins = makeLogins<MariadbLogin>('mariadb', {
  describe: want => [`${want.user}@${want.host}`, nameLocation(want)],
  attempt: want => sh`${defineWithin(want)}
said=$(within sh -c ${script} 2>&1) && rc=0 || rc=$?`,
  isAccepted: sh`[ $rc -eq 0 ]`,
  // 1045: access denied; 4151: the account is locked.
  isRefused: sh`case $rc.$said in
  0.*) said='the old password still logs in'; false ;;
  *'ERROR 1045'* | *'ERROR 4151'*) ;;
  *) false ;;
esac`,
  stdin: ({ user, host, password }) => {
    const way =
      host === 'localhost' ? 'socket=/run/mysqld/mysqld.sock\n' : 'host=127.0.0.1\nprotocol=tcp\n'
    const file = formatLoginFile(user, password.reveal(), way)
    return new Secret(file, `${password.name} as a client's file`)
  },
})

/** The server accepts this user with this password. It is tried once for each version. */
export const accepts = mariadbLogins.accepts

/** The server refuses this user with this password. It is tried once for each version. */
export const refuses = mariadbLogins.refuses

// A temporary file in memory: the client does not read its options from a pipe.
const script = `umask 077
file=/dev/shm/brd.$$
trap 'rm -f "$file"' 0
cat >"$file" &&
  mariadb --defaults-extra-file="$file" --connect-timeout=5 --execute 'SELECT 1' >/dev/null`
