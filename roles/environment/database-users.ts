import type { AbsentUser } from '../../lib/operations/mariadb/absent.ts'
import type { PresentUser } from '../../lib/operations/mariadb/user.ts'
import type { Secret } from '../../lib/secret.ts'
import type { EnvironmentOptions } from './options.ts'

/** The database of the backups' own rows. */
export const BACKUP_DATABASE = 'brd_backup'

const KEYS = ['app', 'backup', 'monitor'] as const
export type UserKey = (typeof KEYS)[number]

/**
 * A user of the database by its generation: two take turns, so that one can take over while the
 * other still serves.
 */
export const nameUser = (key: UserKey, generation: number): string =>
  generation % 2 === 1 ? key : `${key}2`

/** The users of the database that are in force. */
export const makeUsers = (env: EnvironmentOptions): readonly PresentUser[] =>
  KEYS.map(key => makeUser(env, key, env.secrets.rotated[key].number, env.secrets.rotated[key].now))

/**
 * Users of another generation that no rotation needs: data that were restored may have brought them
 * back, with a password that was given up.
 */
export const findStaleUsers = (env: EnvironmentOptions): readonly AbsentUser[] =>
  KEYS.flatMap(key => {
    const { now, next, previous, number } = env.secrets.rotated[key]
    const { service, user, host } = makeUser(env, key, number + 1, now)
    return next || previous ? [] : [{ service: service as string, user, host, state: 'absent' }]
  })

/** What a user of a generation may do, and from where. */
export const makeUser = (
  env: EnvironmentOptions,
  key: UserKey,
  generation: number,
  password: Secret,
): PresentUser => ({
  service: `${env.name}-data_mariadb`,
  user: nameUser(key, generation),
  password,
  ...listRights(env.database)[key],
})

const listRights = (
  database: string,
): Readonly<Record<UserKey, Pick<PresentUser, 'host' | 'grants'>>> => ({
  app: {
    host: '%',
    // Everything in its database, for migrations too; nothing of the server, no GRANT OPTION.
    grants: {
      [`\`${database}\`.*`]: [
        ...[
          'SELECT',
          'INSERT',
          'UPDATE',
          'DELETE',
          'CREATE',
          'DROP',
          'REFERENCES',
          'INDEX',
          'ALTER',
          'CREATE TEMPORARY TABLES',
        ],
        ...[
          'LOCK TABLES',
          'EXECUTE',
          'CREATE VIEW',
          'SHOW VIEW',
          'CREATE ROUTINE',
          'ALTER ROUTINE',
          'EVENT',
          'TRIGGER',
        ],
      ],
    },
  },
  backup: {
    host: 'localhost',
    grants: {
      // mariadb-backup needs the first four; the others read what a manifest sums up.
      '*.*': [
        ...['RELOAD', 'PROCESS', 'LOCK TABLES', 'BINLOG MONITOR'],
        ...['SELECT', 'SHOW VIEW', 'EVENT', 'TRIGGER'],
      ],
      // The canary.
      [`\`${BACKUP_DATABASE}\`.*`]: ['CREATE', 'INSERT', 'DELETE'],
    },
  },
  monitor: { host: '%', grants: { '*.*': ['PROCESS', 'BINLOG MONITOR', 'SLAVE MONITOR'] } },
})
