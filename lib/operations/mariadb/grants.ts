import { change, operation, type Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { placeOf } from '../docker/within.ts'
import { ident, type Server, sql, text } from './container.ts'
import { between, type Granted, granted, spelt } from './privileges.ts'

export type Grants = Server & {
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
  name: (want: Grants) => `${want.user}@${hostOf(want)} on ${placeIn(want)} of ${placeOf(want)}`,
  probe: want => sh`${sql(want)}
there=$(printf '%s' ${query(want)} | sql) || exit
[ "$there" = 1 ] || { echo ${`there is no user ${want.user}@${hostOf(want)}`} >&2; exit 3; }
grants=$(printf '%s' ${`SHOW GRANTS FOR ${account(want)}`} | sql) || exit
printf '%s\n' "$grants" |
  sed -e 's/ IDENTIFIED .*\( WITH GRANT OPTION\).*/\1/' -e t -e 's/ IDENTIFIED .*//'`,
  read: (out): Granted | Unknown => {
    const lines = out.stdout.toString().trim().split('\n')
    return out.rc === 0 && lines[0]?.startsWith('GRANT ')
      ? granted(lines)
      : unreadable(out, 'the grants cannot be read')
  },
  plan: (now, want) => {
    const on = placeIn(want)
    const { give, take, statements } = between(
      now.get(on) ?? new Set(),
      new Set(want.privileges.map(spelt)),
      on,
      account(want),
    )
    const diff = [
      ...give.map(name => ({ key: `grant ${name}`, before: null, after: `on ${on}` })),
      ...take.map(name => ({ key: `revoke ${name}`, before: `on ${on}`, after: null })),
    ]
    return change(
      diff,
      sh`${sql(want)}
sql`,
      { stdin: statements.map(line => `${line};\n`).join('') },
    )
  },
})

const hostOf = ({ host = '%' }: Grants): string => host
const query = (want: Grants): string =>
  `SELECT COUNT(*) FROM mysql.global_priv WHERE User = ${text(want.user)} ` +
  `AND Host = ${text(hostOf(want))}`
const account = (want: Grants): string => `${text(want.user)}@${text(hostOf(want))}`
/** Writes the level as MariaDB does. */
const placeIn = ({ on, table }: Grants): string =>
  on === '*' ? '*.*' : `${ident(on)}.${table === undefined ? '*' : ident(table)}`
