import { createHash } from 'node:crypto'
import { change, type Diff, operation, unreadable } from '../operation.ts'
import { Secret } from '../secret.ts'
import { sh } from '../sh.ts'
import { type Database, sql, text } from './mariadb/container.ts'

export type User = Database & {
  /** Its name. */
  readonly user: string
  /** Where from it logs in: `%`, `localhost`. */
  readonly host: string
  /** What it logs in with. */
  readonly password: Secret
  /** Privileges by what they are on: `*.*`, or a database's tables. Others are taken away. */
  readonly grants: Readonly<Record<string, readonly string[]>>
}

/** What there is of a user: a hash of the hash of its password, and its privileges by what they are on. */
type Now = { readonly password: string; readonly grants: ReadonlyMap<string, ReadonlySet<string>> }

/** A user of a MariaDB that runs as a service on this node has this password and these privileges, and no others. */
const user = operation('mariadb.user', {
  name: ({ service, user, host }: User) => `${user}@${host} of ${service}`,
  // The hash of a password is hashed again before it leaves the host; without, it would be what SHOW GRANTS tells.
  probe: want => sh`${sql(want)}
password=$(printf '%s' ${`SELECT SHA2(UPPER(JSON_VALUE(Priv, '$.authentication_string')), 256) FROM mysql.global_priv WHERE User = ${text(want.user)} AND Host = ${text(want.host)}`} | sql) || exit
[ -n "$password" ] || { echo absent; exit 0; }
echo "password $password"
grants=$(printf '%s' ${`SHOW GRANTS FOR ${account(want)}`} | sql) || exit
printf '%s\n' "$grants" | sed "s/ IDENTIFIED BY PASSWORD '[^']*'//"`,
  read: (out): Now | null | ReturnType<typeof unreadable> => {
    const lines = out.stdout.toString().trim().split('\n')
    if (out.rc !== 0 || !lines[0]) return unreadable(out, 'the user cannot be read')
    return lines[0] === 'absent' ? null : { password: lines[0].replace('password ', ''), grants: granted(lines.slice(1)) }
  },
  plan: (now, want) => {
    const rights = privileges(now, want)
    const known = now !== null && now.password === hashed(want.password)
    const diff: Diff = [
      ...(now === null ? [{ key: 'user', before: null, after: `${want.user}@${want.host}` }] : []),
      ...(known ? [] : [{ key: 'password', before: now === null ? null : 'another', after: want.password.toString() }]),
      ...rights.map(({ on, before, after }) => ({ key: `on ${on}`, before, after })),
    ]
    const password = text(want.password.reveal())
    const statements = [
      `CREATE USER IF NOT EXISTS ${account(want)} IDENTIFIED BY ${password}`,
      ...(known ? [] : [`ALTER USER ${account(want)} IDENTIFIED BY ${password}`]),
      ...rights.flatMap(({ statements }) => statements),
    ]
    return change(
      diff,
      sh`${sql(want)}
sql`,
      { stdin: new Secret(statements.map(line => `${line};\n`).join(''), `SQL with ${want.password.name}`) },
    )
  },
})

export const mariadb = { user }

const account = ({ user, host }: User): string => `${text(user)}@${text(host)}`

/** As MariaDB keeps a password, and hashed once more as the probe does. */
const hashed = (password: Secret): string => {
  const once = createHash('sha1').update(password.reveal()).digest()
  const kept = `*${createHash('sha1').update(once).digest('hex')}`.toUpperCase()
  return createHash('sha256').update(kept).digest('hex')
}

/** `GRANT SELECT, INSERT ON x TO y` as privileges by what they are on. USAGE is the word for none. */
const granted = (lines: readonly string[]): Map<string, Set<string>> => {
  const all = new Map<string, Set<string>>()
  for (const line of lines) {
    const [, rights = '', on = '', option] = /^GRANT (.*?) ON (\S+) TO \S+(.*WITH GRANT OPTION)?/.exec(line) ?? []
    const names = [...rights.split(/, (?![^(]*\))/), ...(option ? ['GRANT OPTION'] : [])].filter(name => name !== '' && name !== 'USAGE')
    if (names.length > 0) all.set(on, new Set([...(all.get(on) ?? []), ...names]))
  }
  return all
}

/** What differs, by what it is on, and the statements that mend it: given before taken, so that nothing is missing for a moment. */
const privileges = (now: Now | null, want: User) => {
  const on = [...new Set([...Object.keys(want.grants), ...(now?.grants.keys() ?? [])])]
  return on.flatMap(on => {
    const [has, wanted] = [now?.grants.get(on) ?? new Set<string>(), new Set(want.grants[on] ?? [])]
    const [give, take] = [[...wanted].filter(name => !has.has(name)), [...has].filter(name => !wanted.has(name))]
    if (give.length + take.length === 0) return []
    const statements = [
      ...(give.length > 0 ? [`GRANT ${give.join(', ')} ON ${on} TO ${account(want)}`] : []),
      ...(take.length > 0 ? [`REVOKE ${take.join(', ')} ON ${on} FROM ${account(want)}`] : []),
    ]
    return [{ on, before: told(has), after: told(wanted), statements }]
  })
}
const told = (names: ReadonlySet<string>): string | null => (names.size === 0 ? null : [...names].sort().join(', '))
