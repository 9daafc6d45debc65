import { quote, type Sh, sh } from '../../sh.ts'
import { type Where, within } from '../docker/within.ts'

/** A MariaDB on this host: a service of the swarm, a container, or the host's own server. */
export type Server = Where & {
  /**
   * An option file with the administrator's login, on the system on which the client runs. Default:
   * in a container the file beside the data, or `/run/secrets/root.cnf`; on the host none, since
   * the socket accepts root.
   */
  readonly login?: `/${string}`
}

/** The administrator's login file beside the data, once the first password has been changed. */
export const beside = '/var/lib/mysql/.brd-root'

/**
 * A script inside the database's container that runs MariaDB's client as the administrator, with
 * its arguments. It uses the first login file that the server accepts: a change of the password may
 * have been interrupted between the server and the file.
 */
export const client = `for file in ${beside}.cnf ${beside}.new /run/secrets/root.cnf; do
  [ ! -r "$file" ] || ! mariadb --defaults-extra-file="$file" --execute 'DO 0' 2>/dev/null || break
done
exec mariadb --defaults-extra-file="$file" "$@"`

/**
 * Defines `sql`, which runs the statements on its stdin as the administrator, next to the server.
 * Exits with 3 if the server does not run on this host.
 */
export const sql = (server: Server): Sh => {
  const inside = server.service !== undefined || server.container !== undefined
  const words = ['--batch', '--skip-column-names', '--raw']
  const command =
    inside && server.login === undefined
      ? ['sh', '-c', client, 'sh']
      : ['mariadb', ...login(server)]
  return sh`${within(server)}
${inside ? sh`` : needsClient}
sql() { within ${[...command, ...words]}; }`
}

const needsClient: Sh = sh`command -v mariadb >/dev/null || {
  echo 'the client mariadb is not installed' >&2
  exit 3
}`

const login = ({ login }: Server): readonly string[] =>
  login === undefined ? [] : [`--defaults-extra-file=${login}`]

/** Quotes a text for SQL. */
export const text = (value: string): string =>
  `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** Quotes a name for SQL: a database, a table. */
export const ident = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** Writes a user as SQL names it. */
export const account = ({ user, host }: { readonly user: string; readonly host: string }): string =>
  `${text(user)}@${text(host)}`

/** Writes an option file from which the client reads a login. */
export const loginFile = (user: string, password: string, more = ''): string =>
  `[client]\nuser=${user}\npassword=${quoted(password)}\n${more}`

// An option file ends a bare value at a `#`, and reads `\` as the start of something.
const quoted = (value: string): string =>
  quote(value) === value ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
