import type { ComposeService, Volume } from '../../lib/compose/compose.ts'
import { Secret } from '../../lib/secret.ts'
import { filesVolume } from './app.ts'
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
import type { EnvironmentOptions, KeyPair } from './options.ts'

/** Both services have it, and with it the lock that lets one of them run at a time. */
const cache: Volume = { type: 'volume', source: 'restic-cache', target: '/cache' }

/** Backups of the application's files and of Redis. */
export const defineRestic = (env: EnvironmentOptions): ComposeService => ({
  ...defineBoth(env, 'restic', 'restic-crontab'),
  secrets: [
    { source: 'restic' },
    { source: 'backup-s3', target: 's3' },
    // Redis gives its data to its administrator alone.
    { source: 'redis-admin' },
  ],
  volumes: [{ ...filesVolume, read_only: true }, cache],
  // It is of use while it sees the files.
  healthcheck: checkHealth(['CMD-SHELL', 'test -d /app/shared && restic version'], '5s', '10s'),
})

/** Removes old backups of the files. It alone has the keys that delete them. */
export const defineResticPrune = (env: EnvironmentOptions): ComposeService => ({
  ...defineBoth(env, 'restic-prune', 'restic-prune-crontab', {
    KEEP_DAYS: String(env.backups.keepDays),
  }),
  secrets: [{ source: 'restic' }, { source: 'prune-s3', target: 's3' }],
  volumes: [cache],
  healthcheck: checkHealth(['CMD-SHELL', `test -r ${CRONTAB} && restic version`], '5s', '10s'),
})

const defineBoth = (
  env: EnvironmentOptions,
  service: string,
  crontab: string,
  more: Readonly<Record<string, string>> = {},
) =>
  ({
    image: env.images.restic,
    ...runCrontab(crontab),
    // A lock of a task that was killed is known as its own by the next one.
    hostname: `${env.name}-${service}`,
    environment: {
      // Its crontab is in UTC.
      TZ: 'UTC',
      BRD_ENVIRONMENT: env.name,
      // Seconds that a job waits for the other service's.
      BRD_WAIT: '7200',
      RESTIC_REPOSITORY: locateBackups(env).resticRepository,
      RESTIC_PASSWORD_FILE: '/run/secrets/restic',
      RESTIC_CACHE_DIR: '/cache',
      AWS_SHARED_CREDENTIALS_FILE: '/run/secrets/s3',
      AWS_DEFAULT_REGION: env.backups.bucket.region,
      ...more,
    },
    labels: makeLabels(env, service),
    networks: [nameNetwork(env.name)],
    stop_grace_period: LET_END,
    deploy: {
      // It calls, nobody calls it.
      endpoint_mode: 'dnsrr',
      placement: placeOnNode(env),
      resources: limitResources(env.services.restic),
      update_config: singleTask,
    },
  }) satisfies ComposeService

/** The crontabs of both, as configs. */
export const renderResticCrontabs = ({ name, backups: { schedules } }: EnvironmentOptions) => ({
  'restic-crontab': renderBackupCrontab(name, { 'brd-files backup': schedules.snapshot }),
  'restic-prune-crontab': renderBackupCrontab(name, { 'brd-files prune': schedules.prune }),
})

/** The secrets of both. */
export const collectResticSecrets = ({
  secrets: { rotated, backups },
}: EnvironmentOptions): Readonly<Record<string, Secret>> => ({
  restic: rotated.restic.now,
  'redis-admin': rotated.redisAdmin.now,
  'backup-s3': makeCredentials(backups.write),
  'prune-s3': makeCredentials(backups.prune),
})

/** Keys as the file that S3's clients read. */
const makeCredentials = ({ accessKey, secretKey }: KeyPair): Secret =>
  new Secret(
    `[default]\naws_access_key_id=${accessKey.reveal()}\naws_secret_access_key=${secretKey.reveal()}\n`,
    `${accessKey.name} as a credentials file`,
  )
