import type { Compose } from '../../lib/compose/compose.ts'
import type { Stack } from '../../lib/operations/stack.ts'
import { collectAppSecrets } from './app.ts'
import { nameNetwork } from './compose-parts.ts'
import { defineCron, renderCrontab } from './cron.ts'
import { nameUser } from './database-users.ts'
import { delayStop } from './delay-stop.ts'
import { defineMariadb, makeClientFile, renderMariadbConfig } from './mariadb.ts'
import { defineNginx, renderNginxConfig } from './nginx.ts'
import type { EnvironmentOptions } from './options.ts'
import { definePhp } from './php.ts'
import { defineRedis, renderRedisConfig } from './redis.ts'
import {
  collectResticSecrets,
  defineRestic,
  defineResticPrune,
  renderResticCrontabs,
} from './restic.ts'
import { defineSlowlog } from './slowlog.ts'
import { collectWalgSecrets, defineWalg, defineWalgPrune, renderWalgCrontabs } from './walg.ts'
import { defineWorker } from './worker.ts'

type WithSecrets = Extract<Stack, { secrets: object }>

/** Seconds: a backup that runs may take 30 minutes to end, and MariaDB five to stop. */
const BACKUP_ENDS = 2400

/**
 * What keeps data: MariaDB with wal-g on its volume, and Redis. A separate stack: a release, and
 * its rollback, never touch the database, and its users and
 * the release's migrations come between the two.
 */
export const makeDataStack = (env: EnvironmentOptions): WithSecrets => ({
  name: `${env.name}-data`,
  compose: {
    services: {
      mariadb: defineMariadb(env),
      slowlog: defineSlowlog(env),
      redis: defineRedis(env),
      walg: defineWalg(env),
      'walg-prune': defineWalgPrune(env),
    },
    networks: { [nameNetwork(env.name)]: { external: true } },
    volumes: ['mariadb', 'mariadb-socket', 'redis'],
  },
  configs: {
    mariadb: renderMariadbConfig(env),
    redis: renderRedisConfig(env),
    ...renderWalgCrontabs(env),
  },
  secrets: {
    // The data are created with it. Later the administrator's login lies beside them: another
    // password does not restart the server.
    'mariadb-root': env.secrets.first,
    'mariadb-root-client': makeClientFile('root', env.secrets.first),
    'mariadb-backup-client': makeClientFile(
      nameUser('backup', env.secrets.rotated.backup.number),
      env.secrets.rotated.backup.now,
    ),
    ...collectWalgSecrets(env),
  },
  hmac: env.hmac,
  timeoutSeconds: BACKUP_ENDS,
  rollbackStack: true,
})

/** What serves: nginx, php, the worker and cron; and restic on their files. */
export const makeAppStack = (env: EnvironmentOptions): WithSecrets => ({
  name: env.name,
  compose: composeApp(env),
  configs: {
    nginx: renderNginxConfig(env),
    linger: delayStop,
    ...renderResticCrontabs(env),
    ...(env.cron.length > 0 ? { crontab: renderCrontab(env) } : {}),
  },
  secrets: { ...collectAppSecrets(env), ...collectResticSecrets(env) },
  hmac: env.hmac,
  timeoutSeconds: BACKUP_ENDS,
  rollbackStack: true,
})

const composeApp = (env: EnvironmentOptions): Compose => ({
  services: {
    nginx: defineNginx(env),
    php: definePhp(env),
    ...(env.worker.length > 0 ? { worker: defineWorker(env) } : {}),
    cron: defineCron(env),
    restic: defineRestic(env),
    'restic-prune': defineResticPrune(env),
  },
  networks: { [nameNetwork(env.name)]: { external: true }, [env.proxy]: { external: true } },
  volumes: ['files', 'restic-cache'],
})
