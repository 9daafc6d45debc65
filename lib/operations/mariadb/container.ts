import { quote, type Sh, sh } from '../../sh.ts'
import { defineWithin, type Location } from '../docker/within.ts'

/** A MariaDB on this host: a service of the swarm, a container, or the host's own server. */
export type MariadbServer = Location & {
  /**
   * An option file with the administrator's login, on the system on which the client runs. Default:
   * in a container the file beside the data, or `/run/secrets/root.cnf`; on the host none, since
   * the socket accepts root.
   */
  readonly login?: `/${string}`
}

/** The administrator's login file beside the data, once the first password has been changed. */
export const ROOT_LOGIN = '/var/lib/mysql/.brd-root'

/**
 * A script inside the database's container that runs MariaDB's client as the administrator, with
 * its arguments. It uses the first login file that the server accepts: a change of the password may
 * have been interrupted between the server and the file.
 */
export const clientScript = `
for file in ${ROOT_LOGIN}.cnf ${ROOT_LOGIN}.new /run/secrets/root.cnf; do
  [ ! -r "$file" ] || ! mariadb --defaults-extra-file="$file" --execute 'DO 0' 2>/dev/null || break
done
exec mariadb --defaults-extra-file="$file" "$@"`

/**
 * Defines `sql`, which runs the statements on its stdin as the administrator, next to the server.
 * Exits with 3 if the server does not run on this host.
 */
export const defineSql = (server: MariadbServer): Sh => {
  const inside = server.service !== undefined || server.container !== undefined
  const words = ['--batch', '--skip-column-names', '--raw', `--init-command=${session}`]
  const command =
    inside && server.login === undefined
      ? ['sh', '-c', clientScript, 'sh']
      : ['mariadb', ...formatLogin(server)]
  return sh`${defineWithin(server)}
${inside ? sh`` : needsClient}
sql() { within ${[...command, ...words]}; }`
}

// How a name or a text is quoted depends on the session's mode. A grant never creates a user.
const session = "SET SESSION sql_mode='NO_AUTO_CREATE_USER', sql_quote_show_create=1"

const needsClient: Sh = sh`command -v mariadb >/dev/null || {
  echo 'the client mariadb is not installed' >&2
  exit 3
}`

const formatLogin = ({ login }: MariadbServer): readonly string[] =>
  login === undefined ? [] : [`--defaults-extra-file=${login}`]

/** Quotes a text for SQL. */
export const quoteText = (value: string): string =>
  `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** Quotes a name for SQL: a database, a table. */
export const quoteName = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** Writes a user as SQL names it. */
export const quoteAccount = ({
  user,
  host,
}: {
  readonly user: string
  readonly host: string
}): string => `${quoteText(user)}@${quoteText(host)}`

/** Writes an option file from which the client reads a login. */
export const formatLoginFile = (user: string, password: string, more = ''): string =>
  `[client]\nuser=${user}\npassword=${quoteValue(password)}\n${more}`

// An option file ends a bare value at a `#`, and reads `\` as the start of something.
const quoteValue = (value: string): string =>
  quote(value) === value ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
