import { change, type Diff, operation, unreadable } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { nameLocation } from '../docker/within.ts'
import { defineSql, type MariadbServer, quoteAccount, quoteText } from './container.ts'
import { hashPassword } from './hashed.ts'
import {
  comparePrivileges,
  type GrantedPrivileges,
  normalizePrivilege,
  parseGrants,
} from './privileges.ts'

export type PresentUser = MariadbServer & {
  /** The user's name. */
  readonly user: string
  /** The host part of the account, from which it logs in: `%`, `localhost`. */
  readonly host: string
  /** `absent`: it is dropped, or locked if objects are defined as it. Default present. */
  readonly state?: 'present'
  /** Its password. */
  readonly password: Secret
  /** Privileges by level: `*.*`, or a database's tables. All others are revoked. */
  readonly grants: Readonly<Record<string, readonly string[]>>
}

/**
 * A user in the server: the hash of its password's hash, whether its account is locked, and its
 * privileges by level.
 */
type Now = {
  readonly password: string
  readonly locked: boolean
  readonly grants: GrantedPrivileges
}

/** A user of a MariaDB on this host has exactly this password and these privileges. */
export const presentUser = operation('mariadb.user', {
  name: (want: PresentUser) => `${want.user}@${want.host} of ${nameLocation(want)}`,
  // The server's hash of a password, which SHOW GRANTS shows, is hashed again on the host.
  probe: want => sh`${defineSql(want)}
password=$(printf '%s' ${queryPassword(want)} | sql) || exit
[ -n "$password" ] || { echo absent; exit 0; }
echo "password $password"
grants=$(printf '%s' ${`SHOW GRANTS FOR ${quoteAccount(want)}`} | sql) || exit
printf '%s\n' "$grants" | sed "s/ IDENTIFIED BY PASSWORD '[^']*'//"`,
  read: (out): Now | null | ReturnType<typeof unreadable> => {
    const lines = out.stdout.toString().trim().split('\n')
    if (out.exitCode !== 0 || !lines[0]) return unreadable(out, 'the user cannot be read')
    const [, password = '', locked] = lines[0].split(' ')
    return lines[0] === 'absent'
      ? null
      : { password, locked: locked !== undefined, grants: parseGrants(lines.slice(1)) }
  },
  plan: (now, want) => {
    const rights = diffPrivileges(now, want)
    const known = now !== null && now.password === hashPassword(want.password)
    const diff: Diff = [
      ...(now === null ? [{ key: 'user', before: null, after: `${want.user}@${want.host}` }] : []),
      ...(known
        ? []
        : [
            {
              key: 'password',
              before: now === null ? null : 'another',
              after: want.password.toString(),
            },
          ]),
      ...(now?.locked ? [{ key: 'locked', before: 'yes', after: 'no' }] : []),
      ...rights.map(({ on, before, after }) => ({ key: `on ${on}`, before, after })),
    ]
    const password = quoteText(want.password.reveal())
    const statements = [
      `CREATE USER IF NOT EXISTS ${quoteAccount(want)} IDENTIFIED BY ${password}`,
      ...(known ? [] : [`ALTER USER ${quoteAccount(want)} IDENTIFIED BY ${password}`]),
      ...(now?.locked ? [`ALTER USER ${quoteAccount(want)} ACCOUNT UNLOCK`] : []),
      ...rights.flatMap(({ statements }) => statements),
    ]
    return change(
      diff,
      sh`${defineSql(want)}
sql`,
      {
        stdin: new Secret(
          statements.map(line => `${line};\n`).join(''),
          `SQL with ${want.password.name}`,
        ),
      },
    )
  },
})

const queryPassword = ({ user, host }: PresentUser): string =>
  [
    "SELECT CONCAT(SHA2(UPPER(JSON_VALUE(Priv, '$.authentication_string')), 256),",
    "IF(IFNULL(JSON_CONTAINS(Priv, 'true', '$.account_locked'), 0), ' locked', ''))",
    `FROM mysql.global_priv WHERE User = ${quoteText(user)} AND Host = ${quoteText(host)}`,
  ].join(' ')

/** Compares the privileges by level, and writes the statements that correct them. */
const diffPrivileges = (now: Now | null, want: PresentUser) => {
  const on = [...new Set([...Object.keys(want.grants), ...(now?.grants.keys() ?? [])])]
  return on.flatMap(on => {
    const [has, wanted] = [
      now?.grants.get(on) ?? new Set<string>(),
      new Set((want.grants[on] ?? []).map(normalizePrivilege)),
    ]
    const { statements } = comparePrivileges(has, wanted, on, quoteAccount(want))
    return statements.length === 0
      ? []
      : [{ on, before: formatNames(has), after: formatNames(wanted), statements }]
  })
}
const formatNames = (names: ReadonlySet<string>): string | null =>
  names.size === 0 ? null : [...names].sort().join(', ')
