import type { ComposeService } from '../../lib/compose/compose.ts'
import { Secret } from '../../lib/secret.ts'
import { filesVolume } from './app.ts'
import {
  checkHealth,
  limitResources,
  makeLabels,
  nameNetwork,
  placeOnNode,
  singleTask,
} from './compose-parts.ts'
import type { EnvironmentOptions } from './options.ts'

/** Backups of the application's files. */
export const defineRestic = (env: EnvironmentOptions): ComposeService => ({
  image: env.images.restic,
  // Its image begins with restic itself; this waits to be told: `restic backup --host …
  // /app/shared`.
  entrypoint: ['/bin/sh', '-c', 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done'],
  environment: {
    TZ: env.timezone,
    RESTIC_REPOSITORY: `s3:${env.bucket.endpoint}/${env.bucket.name}/backups/${env.name}/files`,
    RESTIC_PASSWORD_FILE: '/run/secrets/restic',
    RESTIC_CACHE_DIR: '/cache',
    AWS_SHARED_CREDENTIALS_FILE: '/run/secrets/s3',
    AWS_DEFAULT_REGION: env.bucket.region,
  },
  labels: makeLabels(env, 'restic'),
  networks: [nameNetwork(env.name)],
  secrets: [{ source: 'restic' }, { source: 's3' }],
  volumes: [
    { ...filesVolume, read_only: true },
    { type: 'volume', source: 'restic-cache', target: '/cache' },
  ],
  // It is of use while it sees the files.
  healthcheck: checkHealth(['CMD-SHELL', 'test -d /app/shared && restic version'], '5s', '10s'),
  stop_grace_period: '2m',
  deploy: {
    // It calls, nobody calls it.
    endpoint_mode: 'dnsrr',
    placement: placeOnNode(env),
    resources: limitResources(env.services.restic),
    update_config: singleTask,
  },
})

/** The bucket's keys as the file that S3's clients read. */
export const makeCredentials = ({ secrets }: EnvironmentOptions): Secret =>
  new Secret(
    `[default]\naws_access_key_id=${secrets.accessKey.reveal()}\naws_secret_access_key=${secrets.secretKey.reveal()}\n`,
    `${secrets.accessKey.name} as a credentials file`,
  )
