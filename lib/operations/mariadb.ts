import { change, type Diff, operation, unreadable } from '../operation.ts'
import { Secret } from '../secret.ts'
import { sh } from '../sh.ts'
import { placeOf } from './docker/within.ts'
import { administrator } from './mariadb/administrator.ts'
import { account, type Server, sql, text } from './mariadb/container.ts'
import { database } from './mariadb/database.ts'
import { gone } from './mariadb/gone.ts'
import { grants } from './mariadb/grants.ts'
import { hashed } from './mariadb/hashed.ts'
import { accepts, refuses } from './mariadb/logins.ts'
import { between, type Granted, granted, spelt } from './mariadb/privileges.ts'
import { setting } from './mariadb/setting.ts'
import { allTaking } from './parts/taking.ts'

export type User = Server & {
  /** Its name. */
  readonly user: string
  /** Where from it logs in: `%`, `localhost`. */
  readonly host: string
  /** What it logs in with. */
  readonly password: Secret
  /** Privileges by what they are on: `*.*`, or a database's tables. Others are taken away. */
  readonly grants: Readonly<Record<string, readonly string[]>>
}

/**
 * What there is of a user: a hash of the hash of its password, whether nobody may log in as it, and
 * its privileges by what they are on.
 */
type Now = { readonly password: string; readonly locked: boolean; readonly grants: Granted }

/**
 * A user of a MariaDB that runs on this host has this password and these privileges, and no others.
 */
const user = operation('mariadb.user', {
  name: (want: User) => `${want.user}@${want.host} of ${placeOf(want)}`,
  // The hash of a password is hashed again before it leaves the host; without, it would be what
  // SHOW GRANTS tells.
  probe: want => sh`${sql(want)}
password=$(printf '%s' ${`SELECT CONCAT(SHA2(UPPER(JSON_VALUE(Priv, '$.authentication_string')), 256), IF(IFNULL(JSON_CONTAINS(Priv, 'true', '$.account_locked'), 0), ' locked', '')) FROM mysql.global_priv WHERE User = ${text(want.user)} AND Host = ${text(want.host)}`} | sql) || exit
[ -n "$password" ] || { echo absent; exit 0; }
echo "password $password"
grants=$(printf '%s' ${`SHOW GRANTS FOR ${account(want)}`} | sql) || exit
printf '%s\n' "$grants" | sed "s/ IDENTIFIED BY PASSWORD '[^']*'//"`,
  read: (out): Now | null | ReturnType<typeof unreadable> => {
    const lines = out.stdout.toString().trim().split('\n')
    if (out.rc !== 0 || !lines[0]) return unreadable(out, 'the user cannot be read')
    const [, password = '', locked] = lines[0].split(' ')
    return lines[0] === 'absent'
      ? null
      : { password, locked: locked !== undefined, grants: granted(lines.slice(1)) }
  },
  plan: (now, want) => {
    const rights = privileges(now, want)
    const known = now !== null && now.password === hashed(want.password)
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
    const password = text(want.password.reveal())
    const statements = [
      `CREATE USER IF NOT EXISTS ${account(want)} IDENTIFIED BY ${password}`,
      ...(known ? [] : [`ALTER USER ${account(want)} IDENTIFIED BY ${password}`]),
      ...(now?.locked ? [`ALTER USER ${account(want)} ACCOUNT UNLOCK`] : []),
      ...rights.flatMap(({ statements }) => statements),
    ]
    return change(
      diff,
      sh`${sql(want)}
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

/** What is inside of a MariaDB: databases, users, their grants, settings. */
export const mariadb = allTaking('mariadb', {
  database,
  user,
  grants,
  setting,
  administrator,
  gone,
  accepts,
  refuses,
})

/** What differs, by what it is on, and the statements that mend it. */
const privileges = (now: Now | null, want: User) => {
  const on = [...new Set([...Object.keys(want.grants), ...(now?.grants.keys() ?? [])])]
  return on.flatMap(on => {
    const [has, wanted] = [
      now?.grants.get(on) ?? new Set<string>(),
      new Set((want.grants[on] ?? []).map(spelt)),
    ]
    const { statements } = between(has, wanted, on, account(want))
    return statements.length === 0
      ? []
      : [{ on, before: told(has), after: told(wanted), statements }]
  })
}
const told = (names: ReadonlySet<string>): string | null =>
  names.size === 0 ? null : [...names].sort().join(', ')
