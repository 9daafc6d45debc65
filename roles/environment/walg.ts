import type { ComposeService } from '../../lib/compose/compose.ts'
import { Secret } from '../../lib/secret.ts'
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
import type { EnvironmentOptions } from './options.ts'

/**
 * Backups of the database: it shares the database's files and socket, and has the same
 * mariadb-backup.
 */
export const defineWalg = (env: EnvironmentOptions): ComposeService => ({
  image: env.images.walg,
  // Whose files it reads.
  user: 'mysql',
  // It waits to be told: `wal-g --config /run/secrets/walg.json backup-push`.
  command: ['idle'],
  // wal-g compares times of the bucket with the server's.
  environment: { TZ: 'UTC' },
  labels: makeLabels(env, 'walg'),
  networks: [nameNetwork(env.name)],
  // Those that the server's own user reads: binary logs belong to it.
  secrets: [
    { source: 'walg', target: 'walg.json', mode: 0o444 },
    { source: 'mariadb-backup-client', target: 'backup.cnf', mode: 0o444 },
    { source: 'walg-key', mode: 0o444 },
  ],
  volumes: [{ ...data, read_only: true }, socket],
  // It is of use while it reaches the database. Without a login: its user is made when the database
  // is there, and this must not wait for it.
  healthcheck: checkHealth(
    ['CMD', 'mariadb-admin', '--socket=/run/mysqld/mysqld.sock', '--connect-timeout=3', 'ping'],
    '2m',
    '10s',
  ),
  // A backup that runs is let end.
  stop_grace_period: '5m',
  deploy: {
    // It calls, nobody calls it: no virtual address is needed.
    endpoint_mode: 'dnsrr',
    placement: placeOnNode(env),
    resources: limitResources(env.services.walg),
    update_config: singleTask,
  },
})

/** wal-g's configuration as a file, because it holds the keys of the bucket. */
export const renderWalgConfig = ({
  name,
  bucket,
  secrets,
  secrets: { rotated },
}: EnvironmentOptions): Secret =>
  new Secret(
    `${JSON.stringify(
      {
        WALG_S3_PREFIX: `s3://${bucket.name}/backups/${name}/${nameWalgFolder(rotated.walg.number)}`,
        AWS_ENDPOINT: bucket.endpoint,
        AWS_REGION: bucket.region,
        AWS_S3_FORCE_PATH_STYLE: 'true',
        AWS_ACCESS_KEY_ID: secrets.accessKey.reveal(),
        AWS_SECRET_ACCESS_KEY: secrets.secretKey.reveal(),
        WALG_MYSQL_DATASOURCE_NAME: `${nameUser('backup', rotated.backup.number)}:${rotated.backup.now.reveal()}@unix(/run/mysqld/mysqld.sock)/mysql`,
        WALG_STREAM_CREATE_COMMAND:
          'mariadb-backup --defaults-extra-file=/run/secrets/backup.cnf --backup ' +
          '--stream=mbstream --datadir=/var/lib/mysql',
        WALG_STREAM_RESTORE_COMMAND: 'mbstream -x -C /var/lib/mysql',
        WALG_MYSQL_BACKUP_PREPARE_COMMAND: 'mariadb-backup --prepare --target-dir=/var/lib/mysql',
        WALG_MYSQL_BINLOG_DST: '/tmp/binlogs',
        WALG_COMPRESSION_METHOD: 'zstd',
        WALG_LIBSODIUM_KEY_PATH: '/run/secrets/walg-key',
        WALG_LIBSODIUM_KEY_TRANSFORM: 'hex',
      },
      null,
      2,
    )}\n`,
    `${secrets.accessKey.name} and ${rotated.backup.now.name} in a configuration`,
  )

/**
 * The folder of the backups of one generation of the key: what another key has encrypted is never
 * among them.
 */
export const nameWalgFolder = (generation: number): string =>
  generation === 1 ? 'mariadb' : `mariadb-${generation}`
