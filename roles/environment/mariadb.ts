import type { ComposeService, Volume } from '../../lib/compose/compose.ts'
import { parseBytes } from '../../lib/compose/units.ts'
import { formatLoginFile } from '../../lib/operations/mariadb/container.ts'
import { Secret } from '../../lib/secret.ts'
import {
  checkHealth,
  limitResources,
  makeLabels,
  nameNetwork,
  placeOnNode,
  singleTask,
} from './compose-parts.ts'
import type { EnvironmentOptions } from './options.ts'

/** The database's files, and the folder of its socket: wal-g needs both. */
export const data: Volume = { type: 'volume', source: 'mariadb', target: '/var/lib/mysql' }
export const socket: Volume = { type: 'volume', source: 'mariadb-socket', target: '/run/mysqld' }

/** The database. */
export const defineMariadb = (env: EnvironmentOptions): ComposeService => ({
  image: env.images.mariadb,
  environment: {
    TZ: env.timezone,
    MARIADB_ROOT_PASSWORD_FILE: '/run/secrets/mariadb-root',
    // The administrator logs in from inside the container and from nowhere else.
    MARIADB_ROOT_HOST: 'localhost',
    MARIADB_DATABASE: env.database,
    // Data that were restored from a backup lack what the health check logs in with: this makes it
    // again.
    MARIADB_AUTO_UPGRADE: '1',
  },
  labels: makeLabels(env, 'mariadb'),
  networks: [nameNetwork(env.name)],
  configs: [{ source: 'mariadb', target: '/etc/mysql/conf.d/brd.cnf' }],
  secrets: [
    { source: 'mariadb-root' },
    { source: 'mariadb-root-client', target: 'root.cnf', mode: 0o400 },
  ],
  volumes: [data, socket],
  healthcheck: checkHealth(['CMD', 'healthcheck.sh', '--connect', '--innodb_initialized'], '2m'),
  // A large buffer pool takes its time to be written down.
  stop_grace_period: '5m',
  deploy: {
    // Connections of the application live long: in a virtual address they would die after 900 idle
    // seconds.
    endpoint_mode: 'dnsrr',
    placement: placeOnNode(env),
    resources: limitResources(env.services.mariadb),
    update_config: { ...singleTask, monitor: '30s' },
  },
})

/** MariaDB's settings, by the memory that it may take. */
export const renderMariadbConfig = (env: EnvironmentOptions): string => {
  const memory = parseBytes(env.services.mariadb.memory)
  const megabytes = (share: number): string =>
    `${Math.max(16, Math.floor((memory * share) / 1024 ** 2))}M`
  return `[mariadbd]
character-set-server = utf8mb4
collation-server = utf8mb4_unicode_ci
skip-name-resolve
bind-address = 0.0.0.0
socket = /run/mysqld/mysqld.sock
local-infile = 0
max_connections = ${Math.min(500, Math.max(50, Math.floor(memory / 1024 ** 2 / 8)))}
wait_timeout = 3600
max_allowed_packet = 64M

innodb_buffer_pool_size = ${megabytes(0.55)}
innodb_log_file_size = ${megabytes(0.125)}
innodb_flush_log_at_trx_commit = 1
innodb_file_per_table = 1
tmp_table_size = ${megabytes(1 / 32)}
max_heap_table_size = ${megabytes(1 / 32)}

# What was committed can be replayed from a backup on, and replicated to another server.
server_id = ${computeServerId(`${env.name}@${env.node}`)}
log_bin = mariadb-bin
log_bin_index = mariadb-bin.index
binlog_format = ROW
binlog_row_image = FULL
sync_binlog = 1
expire_logs_days = 7
max_binlog_size = 256M
gtid_strict_mode = 1
log_slave_updates = 1

slow_query_log = 1
long_query_time = 1
log_slow_verbosity = query_plan
slow_query_log_file = /run/mysqld/slow.log
`
}

/**
 * Two servers of one replication must not have the same: the old and the new home of an environment
 * differ by their nodes.
 */
const computeServerId = (text: string): number =>
  [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 2147483647, 7) + 1

/**
 * A file that the client reads a login from, so that no password is in an argument or an
 * environment.
 */
export const makeClientFile = (user: string, password: Secret): Secret =>
  new Secret(
    formatLoginFile(user, password.reveal(), 'socket=/run/mysqld/mysqld.sock\n'),
    `${password.name} as a client's file`,
  )
