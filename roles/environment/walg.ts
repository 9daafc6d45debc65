import type { ComposeService } from '../../lib/compose/compose.ts'
import { Secret } from '../../lib/secret.ts'
import { CRONTAB, LET_END, renderBackupCrontab, runCrontab } from './backup-jobs.ts'
import { locateBackups } from './backup-places.ts'
import {
  checkHealth,
  limitResources,
  makeLabels,
  nameNetwork,
  placeOnNode,
  singleTask,
} from './compose-parts.ts'
import { nameUser } from './database-users.ts'
import { data, socket } from './mariadb.ts'
import type { EnvironmentOptions, KeyPair } from './options.ts'

/**
 * Backups of the database: it shares the database's files and socket, and has the same
 * mariadb-backup.
 */
export const defineWalg = (env: EnvironmentOptions): ComposeService => ({
  image: env.images.walg,
  // Whose files it reads.
  user: 'mysql',
  ...runCrontab('walg-crontab'),
  environment: {
    // wal-g compares times of the bucket with the server's.
    TZ: 'UTC',
    BRD_ENVIRONMENT: env.name,
    BRD_MANIFESTS: locateBackups(env).manifestsUrl,
    AWS_REGION: env.backups.bucket.region,
  },
  labels: makeLabels(env, 'walg'),
  networks: [nameNetwork(env.name)],
  // Those that the server's own user reads: binary logs belong to it.
  secrets: [
    { source: 'walg', target: 'walg.json', mode: 0o444 },
    { source: 'mariadb-backup-client', target: 'backup.cnf', mode: 0o444 },
    { source: 'walg-key', mode: 0o444 },
    { source: 'manifest-key', mode: 0o444 },
    { source: 'manifest-s3', mode: 0o444 },
  ],
  volumes: [{ ...data, read_only: true }, socket],
  // It is of use while it reaches the database. Without a login: its user is made when the database
  // is there, and this must not wait for it.
  healthcheck: checkHealth(
    ['CMD', 'mariadb-admin', '--socket=/run/mysqld/mysqld.sock', '--connect-timeout=3', 'ping'],
    '2m',
    '10s',
  ),
  stop_grace_period: LET_END,
  deploy: {
    // It calls, nobody calls it: no virtual address is needed.
    endpoint_mode: 'dnsrr',
    placement: placeOnNode(env),
    resources: limitResources(env.services.walg),
    update_config: singleTask,
  },
})

/** Removes old backups of the database. It alone has the keys that delete them, and no others. */
export const defineWalgPrune = (env: EnvironmentOptions): ComposeService => ({
  image: env.images.walg,
  user: 'mysql',
  ...runCrontab('walg-prune-crontab'),
  environment: { TZ: 'UTC', KEEP_DAYS: String(env.backups.keepDays) },
  labels: makeLabels(env, 'walg-prune'),
  networks: [nameNetwork(env.name)],
  secrets: [{ source: 'walg-prune', target: 'walg.json', mode: 0o444 }],
  healthcheck: checkHealth(['CMD', 'test', '-r', CRONTAB], '5s', '10s'),
  stop_grace_period: LET_END,
  deploy: {
    endpoint_mode: 'dnsrr',
    placement: placeOnNode(env),
    resources: limitResources(env.services.walg),
    update_config: singleTask,
  },
})

/** The crontabs of both, as configs. */
export const renderWalgCrontabs = ({ name, backups: { schedules } }: EnvironmentOptions) => ({
  'walg-crontab': renderBackupCrontab(name, {
    'brd-backup full': schedules.full,
    'brd-backup binlogs': schedules.binlogs,
    'brd-backup canary': schedules.canary,
  }),
  'walg-prune-crontab': renderBackupCrontab(name, { 'brd-backup prune': schedules.prune }),
})

/** The secrets of both. The configurations are among them because they hold keys. */
export const collectWalgSecrets = (env: EnvironmentOptions): Readonly<Record<string, Secret>> => {
  const { backups, manifest, rotated } = env.secrets
  const { accessKey, secretKey } = backups.write
  return {
    walg: renderWalgConfig(env),
    'walg-prune': makeConfig(env, backups.prune, {}),
    'walg-key': rotated.walg.now,
    'manifest-key': manifest,
    'manifest-s3': new Secret(
      `user = ${JSON.stringify(`${accessKey.reveal()}:${secretKey.reveal()}`)}\n`,
      `${accessKey.name} as curl's file`,
    ),
  }
}

/** wal-g's configuration, which writes backups. */
export const renderWalgConfig = (env: EnvironmentOptions): Secret => {
  const { backup } = env.secrets.rotated
  return makeConfig(env, env.secrets.backups.write, {
    WALG_MYSQL_DATASOURCE_NAME: `${nameUser('backup', backup.number)}:${backup.now.reveal()}@unix(/run/mysqld/mysqld.sock)/mysql`,
    WALG_STREAM_CREATE_COMMAND:
      'mariadb-backup --defaults-extra-file=/run/secrets/backup.cnf --backup ' +
      '--stream=mbstream --datadir=/var/lib/mysql',
    WALG_STREAM_RESTORE_COMMAND: 'mbstream -x -C /var/lib/mysql',
    WALG_MYSQL_BACKUP_PREPARE_COMMAND: 'mariadb-backup --prepare --target-dir=/var/lib/mysql',
    WALG_MYSQL_BINLOG_DST: '/tmp/binlogs',
    // Another history is never uploaded over this one without a word.
    WALG_MYSQL_CHECK_GTIDS: 'true',
    WALG_COMPRESSION_METHOD: 'zstd',
    WALG_LIBSODIUM_KEY_PATH: '/run/secrets/walg-key',
    WALG_LIBSODIUM_KEY_TRANSFORM: 'hex',
  })
}

const makeConfig = (
  env: EnvironmentOptions,
  { accessKey, secretKey }: KeyPair,
  more: Readonly<Record<string, string>>,
): Secret =>
  new Secret(
    `${JSON.stringify(
      {
        WALG_S3_PREFIX: locateBackups(env).walgPrefix,
        AWS_ENDPOINT: env.backups.bucket.endpoint,
        AWS_REGION: env.backups.bucket.region,
        AWS_S3_FORCE_PATH_STYLE: 'true',
        AWS_ACCESS_KEY_ID: accessKey.reveal(),
        AWS_SECRET_ACCESS_KEY: secretKey.reveal(),
        ...more,
      },
      null,
      2,
    )}\n`,
    `${accessKey.name} in a configuration of wal-g`,
  )
