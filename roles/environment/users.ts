import type { User } from '../../lib/operations/mariadb.ts'
import type { Secret } from '../../lib/secret.ts'
import type { Environment } from './options.ts'

export type UserKey = 'app' | 'backup' | 'monitor'

/** A user of the database by its generation: two take turns, so that one can take over while the other still serves. */
export const userName = (key: UserKey, generation: number): string => (generation % 2 === 1 ? key : `${key}2`)

/** The users of the database that are in force. */
export const users = (env: Environment): readonly User[] =>
  (['app', 'backup', 'monitor'] as const).map(key => userOf(env, key, env.secrets.held[key].number, env.secrets.held[key].now))

/** What a user of a generation may do, and from where. */
export const userOf = (env: Environment, key: UserKey, generation: number, password: Secret): User => ({
  service: `${env.name}-data_mariadb`,
  user: userName(key, generation),
  password,
  ...rights(env.database)[key],
})

const rights = (database: string): Readonly<Record<UserKey, Pick<User, 'host' | 'grants'>>> => ({
  app: {
    host: '%',
    // All of its own database, migrations too; nothing of the server's, and nothing to give on.
    grants: {
      [`\`${database}\`.*`]: [
        ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER', 'CREATE TEMPORARY TABLES'],
        ...['LOCK TABLES', 'EXECUTE', 'CREATE VIEW', 'SHOW VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EVENT', 'TRIGGER'],
      ],
    },
  },
  backup: { host: 'localhost', grants: { '*.*': ['RELOAD', 'PROCESS', 'LOCK TABLES', 'BINLOG MONITOR'] } },
  monitor: { host: '%', grants: { '*.*': ['PROCESS', 'BINLOG MONITOR', 'SLAVE MONITOR'] } },
})
