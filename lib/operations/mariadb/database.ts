import { OptionError } from '../../errors/option-error.ts'
import { change, differences, operation, Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { nameLocation } from '../docker/within.ts'
import { defineSql, type MariadbServer, quoteName, quoteText } from './container.ts'

export type Database = MariadbServer & {
  /** Its name. */
  readonly name: string
  /** `absent` drops it; if it holds anything, only with `withTables`. Default present. */
  readonly state?: 'present' | 'absent'
  /** Character set of new tables. Default: left as it is, at first the server's. */
  readonly charset?: string
  /** Collation of new tables. Default: left as it is, at first the character set's. */
  readonly collation?: string
  /** True: drop it with its tables and their data, its routines and its events. Default false. */
  readonly withTables?: boolean
}

type Now = {
  readonly charset: string
  readonly collation: string
  readonly tables: number
  readonly programs: number
}

/**
 * A database with this character set and collation exists in a MariaDB on this host. Its existing
 * tables keep theirs.
 */
export const database = operation('mariadb.database', {
  check: (want: Database) => {
    for (const word of [want.charset, want.collation])
      if (word !== undefined && !/^\w+$/.test(word))
        throw new OptionError({
          message: `${JSON.stringify(word)} is not a character set or collation`,
          next: 'use a name such as utf8mb4 or utf8mb4_unicode_ci',
        })
      else if (word !== undefined && /^utf8(?:_|$)/i.test(word))
        throw new OptionError({
          message: `${word} is utf8mb3 or utf8mb4, by the server`,
          next: `write ${word.toLowerCase().replace('utf8', 'utf8mb4')}`,
        })
    if (/^(mysql|sys|information_schema|performance_schema)$/i.test(want.name))
      throw new OptionError({
        message: `${want.name} is a database of the server itself`,
        next: 'use another name',
      })
  },
  name: (want: Database) => `${want.name} of ${nameLocation(want)}`,
  probe: want => sh`${defineSql(want)}
now=$(printf '%s' ${queryDatabase(want.name)} | sql) || exit
echo "database \${now:-absent}"`,
  read: (out): Now | null | Unknown => {
    const [first, charset = '', collation = '', tables = '', programs = ''] = out.stdout
      .toString()
      .trim()
      .split(' ')
    if (out.exitCode !== 0 || first !== 'database')
      return unreadable(out, 'the database cannot be read')
    if (charset === 'absent') return null
    return /^\d+ \d+$/.test(`${tables} ${programs}`)
      ? { charset, collation, tables: Number(tables), programs: Number(programs) }
      : unreadable(out, 'the database cannot be read')
  },
  plan: (now, want) => {
    if (want.state === 'absent') return planRemoval(now, want)
    const { name, charset, collation } = want
    const diff = [
      ...(now ? [] : [{ key: 'database', before: null, after: name }]),
      ...differences(now, {
        charset: charset?.toLowerCase(),
        collation: collation?.toLowerCase(),
      }),
    ]
    const options = [
      ...(charset === undefined ? [] : [`CHARACTER SET ${charset}`]),
      ...(collation === undefined ? [] : [`COLLATE ${collation}`]),
    ]
    return change(diff, runSql(want), {
      stdin: `${now ? 'ALTER' : 'CREATE'} DATABASE ${quoteName(name)} ${options.join(' ')};\n`,
    })
  },
})

const queryDatabase = (database: string): string =>
  [
    "SELECT CONCAT_WS(' ', DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME,",
    '(SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = SCHEMA_NAME),',
    '(SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = SCHEMA_NAME) +',
    '(SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = SCHEMA_NAME))',
    `FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${quoteText(database)}`,
  ].join(' ')

const planRemoval = (now: Now | null, want: Database) => {
  if (now && now.tables + now.programs > 0 && !want.withTables)
    return new Unknown(
      `it has ${now.tables} tables, and ${now.programs} routines and events: ` +
        'set `withTables` to drop them with it',
    )
  return change(differences({ database: now && want.name }, { database: null }), runSql(want), {
    stdin: `DROP DATABASE ${quoteName(want.name)};\n`,
  })
}

const runSql = (want: MariadbServer) => sh`${defineSql(want)}
sql`
