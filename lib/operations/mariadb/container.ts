import { quote, type Sh, sh } from '../../sh.ts'
import { type Where, within } from '../docker/within.ts'

/** A MariaDB that runs on this host: as a service of the swarm, in a container, or as it is. */
export type Server = Where & {
  /**
   * File with the administrator's login, as the client reads it, where the client runs. Default: in
   * a container the one beside the data, or `/run/secrets/root.cnf`; on the host itself none, as
   * its socket knows root.
   */
  readonly login?: `/${string}`
}

/**
 * Where the administrator's login lies beside the data, once it is another than the one they were
 * created with.
 */
export const beside = '/var/lib/mysql/.brd-root'

/**
 * MariaDB's client as the administrator, as a script inside the database's container that takes its
 * words. Of the logins that may lie there the first that the server takes is
 * used: a change of the password may have been broken off between the server and the file.
 */
export const client = `for file in ${beside}.cnf ${beside}.new /run/secrets/root.cnf; do
  [ ! -r "$file" ] || ! mariadb --defaults-extra-file="$file" --execute 'DO 0' 2>/dev/null || break
done
exec mariadb --defaults-extra-file="$file" "$@"`

/**
 * Defines `sql`, which runs what stands on its stdin as the administrator, where the server is.
 * Ends with exit 3 where it does not run on this host.
 */
export const sql = (server: Server): Sh => {
  const inside = server.service !== undefined || server.container !== undefined
  const words = ['--batch', '--skip-column-names', '--raw']
  return sh`${within(server)}
${
  inside
    ? sh``
    : sh`command -v mariadb >/dev/null || { echo 'the client mariadb is not installed' >&2; exit 3; }
`
}sql() { within ${inside && server.login === undefined ? ['sh', '-c', client, 'sh', ...words] : ['mariadb', ...login(server), ...words]}; }`
}

const login = ({ login }: Server): readonly string[] =>
  login === undefined ? [] : [`--defaults-extra-file=${login}`]

/** A text of SQL. */
export const text = (value: string): string =>
  `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** A name of SQL: a database, a table. */
export const ident = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** A user as SQL names it. */
export const account = ({ user, host }: { readonly user: string; readonly host: string }): string =>
  `${text(user)}@${text(host)}`

/** A file that the client reads a login from. */
export const loginFile = (user: string, password: string, more = ''): string =>
  `[client]\nuser=${user}\npassword=${quoted(password)}\n${more}`

// An option file ends a bare value at a `#`, and reads `\` as the start of something.
const quoted = (value: string): string =>
  quote(value) === value ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
