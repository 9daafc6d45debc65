import { change, operation, Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { nameLocation } from '../docker/within.ts'
import { defineSql, type MariadbServer, quoteName, quoteText } from './container.ts'
import { comparePrivileges, listPrivileges, quoteDatabase } from './privileges.ts'
import { type Granted, readGrants, stripPasswords } from './show-grants.ts'

export type Grants = MariadbServer & {
  /** The user, which must exist. */
  readonly user: string
  /** The host part of the account: `%`, `localhost`. Default `%`. */
  readonly host?: string
  /** The database, or `*` for all of them. `_` and `%` in its name mean themselves. */
  readonly on: string
  /** A table of the database. Default: all tables. */
  readonly table?: string
  /** All of its privileges at this level, such as `SELECT` or `UPDATE (price)`; `[]` for none. */
  readonly privileges: readonly string[]
}

/**
 * A user of a MariaDB on this host has exactly these privileges on one database or table. Its other
 * privileges are left alone; use `mariadb.user` to set all of them. The same name as a pattern, in
 * which `_` matches any sign, is replaced by the name itself.
 */
export const grants = operation('mariadb.grants', {
  name: (want: Grants) =>
    `${want.user}@${getHost(want)} on ${formatLevel(want)} of ${nameLocation(want)}`,
  probe: want => sh`${defineSql(want)}
there=$(printf '%s' ${queryUser(want)} | sql) || exit
[ "$there" = 1 ] || { echo ${`there is no user ${want.user}@${getHost(want)}`} >&2; exit 3; }
grants=$(printf '%s' ${`SHOW GRANTS FOR ${quoteGrantee(want)}`} | sql) || exit
printf '%s\n' "$grants" | ${stripPasswords}`,
  read: (out, want): Granted['levels'] | Unknown => {
    const said = out.stdout.toString()
    if (out.exitCode !== 0 || !said.startsWith('GRANT '))
      return unreadable(out, 'the grants cannot be read')
    const all = readGrants(said, { user: want.user, host: getHost(want) })
    return all instanceof Unknown ? all : all.levels
  },
  plan: (now, want) => {
    const on = formatLevel(want)
    const account = quoteGrantee(want)
    const { give, take, statements } = comparePrivileges(
      now.get(on) ?? new Set(),
      new Set(want.privileges.flatMap(listPrivileges)),
      on,
      account,
    )
    const pattern = formatPattern(want)
    const wide = pattern === on ? [] : [...(now.get(pattern) ?? [])]
    const diff = [
      ...give.map(name => ({ key: `grant ${name}`, before: null, after: `on ${on}` })),
      ...take.map(name => ({ key: `revoke ${name}`, before: `on ${on}`, after: null })),
      ...wide.map(name => ({ key: `revoke ${name}`, before: `on ${pattern}`, after: null })),
    ]
    const narrow =
      wide.length > 0 ? [`REVOKE ${wide.join(', ')} ON ${pattern} FROM ${account}`] : []
    return change(
      diff,
      sh`${defineSql(want)}
sql`,
      { stdin: [...statements, ...narrow].map(line => `${line};\n`).join('') },
    )
  },
})

const getHost = ({ host = '%' }: Grants): string => host
const queryUser = (want: Grants): string =>
  `SELECT COUNT(*) FROM mysql.global_priv WHERE User = ${quoteText(want.user)} ` +
  `AND Host = ${quoteText(getHost(want))}`
const quoteGrantee = (want: Grants): string => `${quoteText(want.user)}@${quoteText(getHost(want))}`
/** Writes the level as MariaDB does. */
const formatLevel = ({ on, table }: Grants): string => {
  if (on === '*') return '*.*'
  return table === undefined ? `${quoteDatabase(on)}.*` : `${quoteName(on)}.${quoteName(table)}`
}
/** Writes the level with the name as a pattern, as earlier versions and people do. */
const formatPattern = (want: Grants): string =>
  want.on === '*' || want.table !== undefined ? formatLevel(want) : `${quoteName(want.on)}.*`
