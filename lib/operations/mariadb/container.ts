import { type Sh, sh } from '../../sh.ts'
import { type Where, within } from '../docker/within.ts'

/** A MariaDB that runs on this host: as a service of the swarm, in a container, or as it is. */
export type Server = Where & {
  /** File with the administrator's login, as the client reads it, where the client runs. Default: in a container `/run/secrets/root.cnf`; on the host itself none, as its socket knows root. */
  readonly login?: `/${string}`
}

/** Defines `sql`, which runs what stands on its stdin as the administrator, where the server is. Ends with exit 3 where it does not run on this host. */
export const sql = (server: Server): Sh => {
  const inside = server.service !== undefined || server.container !== undefined
  const login = server.login ?? (inside ? '/run/secrets/root.cnf' : undefined)
  return sh`${within(server)}
${
  inside
    ? sh``
    : sh`command -v mariadb >/dev/null || { echo 'the client mariadb is not installed' >&2; exit 3; }
`
}sql() { within mariadb ${login === undefined ? [] : [`--defaults-extra-file=${login}`]} --batch --skip-column-names --raw; }`
}

/** A text of SQL. */
export const text = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** A name of SQL: a database, a table. */
export const ident = (name: string): string => `\`${name.replaceAll('`', '``')}\``
