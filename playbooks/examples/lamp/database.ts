import { change, differences, operation, unreadable } from '../../../lib/operation.ts'
import { sh } from '../../../lib/sh.ts'

export type Database = {
  /** Its name. Letters, digits and _. */
  readonly name: string
  /** The system user who may do everything in it. */
  readonly user: string
}

/** An operation of one's own, where the library has none. */
const make = operation('database', {
  name: ({ name }: Database) => name,
  probe: ({ name, user }) =>
    sh`mariadb --batch --skip-column-names --execute ${`
SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '${name}';
SELECT COUNT(*) > 0 FROM information_schema.schema_privileges WHERE table_schema = '${name}' AND grantee = "'${user}'@'localhost'"`}`,
  read: out => {
    const [database, grant, ...rest] = out.stdout.toString().trim().split('\n')
    if (out.rc !== 0 || grant === undefined || rest.length > 0) return unreadable(out, 'MariaDB does not tell')
    return { database: database === '1' ? 'there' : null, user: grant === '1' ? 'may use it' : null }
  },
  plan: (now, { name, user }) =>
    change(
      differences(now, { database: 'there', user: 'may use it' }),
      sh`mariadb --execute ${`
CREATE DATABASE IF NOT EXISTS ${name} CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS '${user}'@'localhost' IDENTIFIED VIA unix_socket;
GRANT ALL PRIVILEGES ON ${name}.* TO '${user}'@'localhost'`}`,
    ),
})

/** The host's own MariaDB has this database, and a user of the host may use it: by the socket, without a password. */
export const database = (want: Database, meta = {}) => {
  for (const name of [want.name, want.user])
    if (!/^[\w-]+$/.test(name)) throw new Error(`database: ${JSON.stringify(name)} is no plain name`)
  return make(want, meta)
}
