import { change, type Diff, operation, Unknown, unreadable } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { nameLocation } from '../docker/within.ts'
import { defineSql, type MariadbServer, quoteAccount, quoteText } from './container.ts'
import { hashPassword } from './hashed.ts'
import { comparePrivileges, listPrivileges, readLevel } from './privileges.ts'
import { printSelf, refuseSelf } from './self.ts'
import { type Granted, readGrants, stripPasswords } from './show-grants.ts'

export type PresentUser = MariadbServer & {
  /** The user's name. */
  readonly user: string
  /** The host part of the account, from which it logs in: `%`, `localhost`. */
  readonly host: string
  /** `absent`: it is dropped, or locked if objects are defined as it. Default present. */
  readonly state?: 'present'
  /** Its password. */
  readonly password: Secret
  /**
   * Privileges by level: `*.*`, a database's tables, one table, or `PROCEDURE` and its name. `_` in
   * the name of a database means itself. All others are revoked, and so are all roles and
   * PROXY.
   */
  readonly grants: Readonly<Record<string, readonly string[]>>
}

/** A user in the server: the hash of its password's hash, what else is true of it, its grants. */
type Now = {
  readonly password: string
  /**
   * `locked`, `expired`, `others` if a login without this password is possible, `self` if it is the
   * account of this connection.
   */
  readonly flags: readonly string[]
  readonly grants: Granted
}

/**
 * A user of a MariaDB on this host has exactly this password, these privileges and no roles. A
 * grant
 * that is not understood is an error.
 */
export const presentUser = operation('mariadb.user', {
  check: ({ grants }: PresentUser) => void Object.keys(grants).map(readLevel),
  name: (want: PresentUser) => `${want.user}@${want.host} of ${nameLocation(want)}`,
  // The server's hash of a password, which SHOW GRANTS shows, is hashed again on the host.
  probe: want => sh`${defineSql(want)}
password=$(printf '%s' ${queryPassword(want)} | sql) || exit
[ -n "$password" ] || { echo absent; exit 0; }
echo "password $password"
grants=$(printf '%s' ${`SHOW GRANTS FOR ${quoteAccount(want)}`} | sql) || exit
printf '%s\n' "$grants" | ${stripPasswords}`,
  read: (out, want): Now | null | Unknown => {
    const said = out.stdout.toString()
    const [first = ''] = said.split('\n', 1)
    if (out.exitCode !== 0 || first === '') return unreadable(out, 'the user cannot be read')
    if (first === 'absent') return null
    const grants = readGrants(said.slice(first.length + 1), want)
    const [word, password = '', ...flags] = first.split(' ')
    if (word !== 'password') return unreadable(out, 'the user cannot be read')
    return grants instanceof Unknown ? grants : { password, flags, grants }
  },
  plan: (now, want) => {
    const who = quoteAccount(want)
    const rights = diffPrivileges(now, want)
    const more = takeRoles(now?.grants, who)
    const known = now !== null && now.password === hashPassword(want.password)
    const has = (flag: string) => now?.flags.includes(flag) ?? false
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
      ...(has('others') ? [{ key: 'other logins', before: 'possible', after: null }] : []),
      ...(has('expired') ? [{ key: 'password expired', before: 'yes', after: 'no' }] : []),
      ...(has('locked') ? [{ key: 'locked', before: 'yes', after: 'no' }] : []),
      ...rights.map(({ on, before, after }) => ({ key: `on ${on}`, before, after })),
      ...more.map(({ key }) => ({ key, before: 'granted', after: null })),
    ]
    if (has('self') && diff.length > 0) return refuseSelf(want)
    const password = quoteText(want.password.reveal())
    const isRight = known && !has('others') && !has('expired')
    const statements = [
      `CREATE USER IF NOT EXISTS ${who} IDENTIFIED BY ${password}`,
      ...(isRight ? [] : [`ALTER USER ${who} IDENTIFIED BY ${password}`]),
      ...(has('locked') ? [`ALTER USER ${who} ACCOUNT UNLOCK`] : []),
      ...rights.flatMap(({ statements }) => statements),
      ...more.map(({ statement }) => statement),
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
    "SELECT CONCAT(IFNULL(SHA2(UPPER(JSON_VALUE(Priv, '$.authentication_string')), 256), 'none'),",
    "IF(IFNULL(JSON_CONTAINS(Priv, 'true', '$.account_locked'), 0), ' locked', ''),",
    "IF(IFNULL(JSON_VALUE(Priv, '$.password_last_changed'), '1') = '0', ' expired', ''),",
    "IF(IFNULL(JSON_LENGTH(Priv, '$.auth_or'), 0) > 1, ' others', ''),",
    `${printSelf({ user, host })})`,
    `FROM mysql.global_priv WHERE User = ${quoteText(user)} AND Host = ${quoteText(host)}`,
  ].join(' ')

/** Compares the privileges by level, and writes the statements that correct them. */
const diffPrivileges = (now: Now | null, want: PresentUser) => {
  const levels = new Map(Object.entries(want.grants).map(([on, all]) => [readLevel(on), all]))
  const on = [...new Set([...levels.keys(), ...(now?.grants.levels.keys() ?? [])])]
  return on.flatMap(on => {
    const [has, wanted] = [
      now?.grants.levels.get(on) ?? new Set<string>(),
      new Set((levels.get(on) ?? []).flatMap(listPrivileges)),
    ]
    const { statements } = comparePrivileges(has, wanted, on, quoteAccount(want))
    return statements.length === 0
      ? []
      : [{ on, before: formatNames(has), after: formatNames(wanted), statements }]
  })
}
const formatNames = (names: ReadonlySet<string>): string | null =>
  names.size === 0 ? null : [...names].sort().join(', ')

/** What gives privileges beside the levels: roles, and acting as another. */
const takeRoles = (grants: Granted | undefined, who: string) => [
  ...(grants?.defaultRole
    ? [{ key: `default role ${grants.defaultRole}`, statement: `SET DEFAULT ROLE NONE FOR ${who}` }]
    : []),
  ...(grants?.roles ?? []).map(role => ({
    key: `role ${role}`,
    statement: `REVOKE ${role} FROM ${who}`,
  })),
  ...(grants?.proxies ?? []).map(account => ({
    key: `proxy of ${account}`,
    statement: `REVOKE PROXY ON ${account} FROM ${who}`,
  })),
]
