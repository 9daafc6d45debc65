import type { Compose } from '../../lib/compose/compose.ts'
import type { Stack } from '../../lib/operations/stack.ts'
import { appSecrets } from './app.ts'
import { network } from './common.ts'
import { cron, crontab } from './cron.ts'
import { linger } from './linger.ts'
import { client, mariadb, mariadbConfig } from './mariadb.ts'
import { nginx, nginxConfig } from './nginx.ts'
import type { Environment } from './options.ts'
import { php } from './php.ts'
import { redis, redisConfig } from './redis.ts'
import { credentials, restic } from './restic.ts'
import { slowlog } from './slowlog.ts'
import { userName } from './users.ts'
import { walg, walgConfig } from './walg.ts'
import { worker } from './worker.ts'

type WithSecrets = Extract<Stack, { secrets: object }>

/**
 * What keeps data: MariaDB with wal-g on its volume, and Redis. A stack of its own: a release, and
 * its rollback, never touch the database, and its users and
 * the release's migrations come between the two.
 */
export const dataStack = (env: Environment): WithSecrets => ({
  name: `${env.name}-data`,
  compose: {
    services: { mariadb: mariadb(env), slowlog: slowlog(env), redis: redis(env), walg: walg(env) },
    networks: { [network(env.name)]: { external: true } },
    volumes: ['mariadb', 'mariadb-socket', 'redis'],
  },
  configs: { mariadb: mariadbConfig(env), redis: redisConfig(env) },
  secrets: {
    // What the data are created with. Later the administrator's login lies beside them, so that
    // another password is no reason to restart the server.
    'mariadb-root': env.secrets.first,
    'mariadb-root-client': client('root', env.secrets.first),
    'mariadb-backup-client': client(
      userName('backup', env.secrets.held.backup.number),
      env.secrets.held.backup.now,
    ),
    walg: walgConfig(env),
    'walg-key': env.secrets.held.walg.now,
  },
  hmac: env.hmac,
  // MariaDB may take five minutes to stop.
  seconds: 600,
  asOne: true,
})

/** What serves: nginx, php, the worker, cron, and restic on their files. */
export const appStack = (env: Environment): WithSecrets => ({
  name: env.name,
  compose: compose(env),
  configs: {
    nginx: nginxConfig(env),
    linger,
    ...(env.cron.length > 0 ? { crontab: crontab(env) } : {}),
  },
  secrets: { ...appSecrets(env), restic: env.secrets.held.restic.now, s3: credentials(env) },
  hmac: env.hmac,
  seconds: 480,
  asOne: true,
})

const compose = (env: Environment): Compose => ({
  services: {
    nginx: nginx(env),
    php: php(env),
    ...(env.worker.length > 0 ? { worker: worker(env) } : {}),
    cron: cron(env),
    restic: restic(env),
  },
  networks: { [network(env.name)]: { external: true }, [env.proxy]: { external: true } },
  volumes: ['files', 'restic-cache'],
})
