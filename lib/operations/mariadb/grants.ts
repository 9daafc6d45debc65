import { change, operation, type Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { nameLocation } from '../docker/within.ts'
import { defineSql, type MariadbServer, quoteName, quoteText } from './container.ts'
import {
  comparePrivileges,
  type GrantedPrivileges,
  normalizePrivilege,
  parseGrants,
} from './privileges.ts'

export type Grants = MariadbServer & {
  /** The user, which must exist. */
  readonly user: string
  /** The host part of the account: `%`, `localhost`. Default `%`. */
  readonly host?: string
  /** The database, or `*` for all of them. */
  readonly on: string
  /** A table of the database. Default: all tables. */
  readonly table?: string
  /** All of its privileges at this level, such as `SELECT` or `UPDATE (price)`; `[]` for none. */
  readonly privileges: readonly string[]
}

/**
 * A user of a MariaDB on this host has exactly these privileges on one database or table. Its other
 * privileges are left alone; use `mariadb.user` to set all of them.
 */
export const grants = operation('mariadb.grants', {
  name: (want: Grants) =>
    `${want.user}@${getHost(want)} on ${formatLevel(want)} of ${nameLocation(want)}`,
  probe: want => sh`${defineSql(want)}
there=$(printf '%s' ${queryUser(want)} | sql) || exit
[ "$there" = 1 ] || { echo ${`there is no user ${want.user}@${getHost(want)}`} >&2; exit 3; }
grants=$(printf '%s' ${`SHOW GRANTS FOR ${quoteGrantee(want)}`} | sql) || exit
printf '%s\n' "$grants" |
  sed -e 's/ IDENTIFIED .*\( WITH GRANT OPTION\).*/\1/' -e t -e 's/ IDENTIFIED .*//'`,
  read: (out): GrantedPrivileges | Unknown => {
    const lines = out.stdout.toString().trim().split('\n')
    return out.exitCode === 0 && lines[0]?.startsWith('GRANT ')
      ? parseGrants(lines)
      : unreadable(out, 'the grants cannot be read')
  },
  plan: (now, want) => {
    const on = formatLevel(want)
    const { give, take, statements } = comparePrivileges(
      now.get(on) ?? new Set(),
      new Set(want.privileges.map(normalizePrivilege)),
      on,
      quoteGrantee(want),
    )
    const diff = [
      ...give.map(name => ({ key: `grant ${name}`, before: null, after: `on ${on}` })),
      ...take.map(name => ({ key: `revoke ${name}`, before: `on ${on}`, after: null })),
    ]
    return change(
      diff,
      sh`${defineSql(want)}
sql`,
      { stdin: statements.map(line => `${line};\n`).join('') },
    )
  },
})

const getHost = ({ host = '%' }: Grants): string => host
const queryUser = (want: Grants): string =>
  `SELECT COUNT(*) FROM mysql.global_priv WHERE User = ${quoteText(want.user)} ` +
  `AND Host = ${quoteText(getHost(want))}`
const quoteGrantee = (want: Grants): string => `${quoteText(want.user)}@${quoteText(getHost(want))}`
/** Writes the level as MariaDB does. */
const formatLevel = ({ on, table }: Grants): string =>
  on === '*' ? '*.*' : `${quoteName(on)}.${table === undefined ? '*' : quoteName(table)}`
