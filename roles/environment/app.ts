import type { ComposeService, Mounted, Volume } from '../../lib/compose/compose.ts'
import type { Secret } from '../../lib/secret.ts'
import { limitResources, makeLabels, nameNetwork, placeOnNode } from './compose-parts.ts'
import { nameUser } from './database-users.ts'
import type { EnvironmentOptions } from './options.ts'

/** The volume of the application's files, which php, the worker and cron share and restic saves. */
export const filesVolume: Volume = { type: 'volume', source: 'files', target: '/app/shared' }

/** The secrets that the application is given, by their names in the stack. */
export const collectAppSecrets = ({
  secrets,
}: EnvironmentOptions): Readonly<Record<string, Secret>> => ({
  'db-password': secrets.rotated.app.now,
  'redis-password': secrets.rotated.redis.now,
  's3-access-key': secrets.accessKey,
  's3-secret-key': secrets.secretKey,
  ...secrets.own,
})

/**
 * What tells the application where things are. A password is never among it: the image's entry
 * point reads X from the file in X_FILE.
 */
export const makeAppVariables = (env: EnvironmentOptions): Readonly<Record<string, string>> => ({
  ENVIRONMENT: env.name,
  APP_ENV: env.name,
  APP_HOST: env.hosts[0] ?? '',
  TZ: env.timezone,
  DB_HOST: 'mariadb',
  DB_PORT: '3306',
  DB_NAME: env.database,
  DB_USER: nameUser('app', env.secrets.rotated.app.number),
  DB_PASSWORD_FILE: '/run/secrets/db-password',
  REDIS_HOST: 'redis',
  REDIS_PORT: '6379',
  REDIS_PASSWORD_FILE: '/run/secrets/redis-password',
  S3_ENDPOINT: env.bucket.endpoint,
  S3_REGION: env.bucket.region,
  S3_BUCKET: env.bucket.name,
  S3_ACCESS_KEY_FILE: '/run/secrets/s3-access-key',
  S3_SECRET_KEY_FILE: '/run/secrets/s3-secret-key',
  FILES_DIR: '/app/shared',
  ...Object.fromEntries(
    Object.keys(env.secrets.own).map(name => [`${name}_FILE`, `/run/secrets/${name}`]),
  ),
  ...env.env,
})

/**
 * What php, the worker and cron have in common: one image, one entry point, the same surroundings.
 */
export const defineApplication = (env: EnvironmentOptions, service: 'php' | 'worker' | 'cron') => {
  const secrets: Mounted[] = Object.keys(collectAppSecrets(env)).map(source => ({ source }))
  return {
    service: {
      image: env.images.app,
      environment: makeAppVariables(env),
      labels: makeLabels(env, service),
      networks: [nameNetwork(env.name)],
      secrets,
      volumes: [filesVolume],
    } satisfies Omit<ComposeService, 'deploy'>,
    // Names resolve to the tasks themselves, so that no connection dies in a virtual address.
    deploy: {
      endpoint_mode: 'dnsrr',
      placement: placeOnNode(env),
      resources: limitResources(env.services[service]),
    } as const,
  }
}
