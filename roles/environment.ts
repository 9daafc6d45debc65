import { pickOverlay } from '../lib/compose/overlay.ts'
import { Deferred } from '../lib/deferred.ts'
import type { Operation } from '../lib/operation.ts'
import { directory } from '../lib/operations/directory.ts'
import { disk } from '../lib/operations/disk.ts'
import { docker } from '../lib/operations/docker.ts'
import { file } from '../lib/operations/file.ts'
import { http } from '../lib/operations/http.ts'
import { job } from '../lib/operations/job.ts'
import { mariadb } from '../lib/operations/mariadb.ts'
import { redis } from '../lib/operations/redis.ts'
import { s3 } from '../lib/operations/s3.ts'
import { secretsUnchanged } from '../lib/operations/secretsUnchanged.ts'
import { stack } from '../lib/operations/stack.ts'
import { swarm } from '../lib/operations/swarm.ts'
import { role } from '../lib/role.ts'
import { collectAppSecrets } from './environment/app.ts'
import { nameLabel, nameNetwork } from './environment/compose-parts.ts'
import { DASHBOARD_FOLDER, renderDashboard } from './environment/dashboard.ts'
import { BACKUP_DATABASE, findStaleUsers, makeUsers } from './environment/database-users.ts'
import type { EnvironmentOptions } from './environment/options.ts'
import { definePhp } from './environment/php.ts'
import { makeRedisUsers } from './environment/redis.ts'
import { pinSecrets } from './environment/rotated-secrets.ts'
import { makeAppStack, makeDataStack } from './environment/stacks.ts'

export { renderDashboard } from './environment/dashboard.ts'
export {
  type EnvironmentOptions,
  ROTATED_SECRETS,
  type RotatedSecret,
} from './environment/options.ts'
export { ROTATION_NAMES } from './environment/rotated-secrets.ts'
export { addNewSecrets, removeOldSecrets } from './environment/rotation.ts'
export { makeAppStack, makeDataStack } from './environment/stacks.ts'

/** The lists of an environment, in their order. Each says on which host it is played. */
export type Lists = {
  /** On the server: its disk has enough free space. */
  readonly diskSpace: readonly Operation[]
  /**
   * On the server: who it is in its swarm, its secrets are those that it was deployed with, and the
   * bucket can be used.
   */
  readonly bucket: readonly Operation[]
  /** On the manager: the place and the network, then what keeps data. */
  readonly data: readonly Operation[]
  /** On the server: the users of MariaDB and Redis. */
  readonly database: readonly Operation[]
  /** On the manager: the release's own step, then what serves, then that it answers. */
  readonly serving: readonly Operation[]
}

/**
 * An environment of the shop: nginx, php-fpm, worker, cron, MariaDB, Redis, wal-g and restic on the
 * node that is labelled for it, on a separate network, attached to its bucket, under its host
 * names. The database and its users exist before the release's migrations run, and these end before
 * the first request.
 */
export const environment = role(import.meta, 'environment', (env: EnvironmentOptions): Lists => {
  const serving = stack(makeAppStack(env))
  const id = new Deferred<string>(`the id of ${env.node} in its swarm`)
  return {
    // Where images, volumes and logs are. A database that cannot write is worse than a deploy that
    // does not begin.
    diskSpace: [disk.free({ path: '/var/lib/docker', minFree: env.free })],
    bucket: [
      // The data need it: it comes along if only they are asked for.
      swarm.id({ provides: id }, { tags: ['data'] }),
      secretsUnchanged(pinSecrets(env)),
      checkBucket(env),
      ...(['write', 'prune'] as const).map(right => checkBackupBucket(env, right)),
    ],
    data: [
      ...loginToRegistry(env),
      docker.node({ node: env.node, id, labels: { [nameLabel(env.name)]: '1' } }),
      docker.network({
        name: nameNetwork(env.name),
        ...pickOverlay(env),
      }),
      stack(makeDataStack(env)),
    ],
    database: [
      mariadb.administrator({
        service: `${env.name}-data_mariadb`,
        password: env.secrets.rotated.root.now,
      }),
      mariadb.database({ service: `${env.name}-data_mariadb`, name: BACKUP_DATABASE }),
      ...makeUsers(env).map(user => mariadb.user(user)),
      ...findStaleUsers(env).map(user => mariadb.user(user)),
      redis.users(makeRedisUsers(env)),
    ],
    serving: [
      ...(env.release.length > 0 ? [runRelease(env)] : []),
      serving,
      // Grafana reads it while it runs.
      directory({ path: DASHBOARD_FOLDER }),
      file({ path: `${DASHBOARD_FOLDER}/${env.name}.json`, content: renderDashboard(env) }),
      ...env.hosts.map(host =>
        http.answers(
          { waitFor: serving, host, path: env.health, ...env.ask },
          { tags: ['answers'] },
        ),
      ),
    ],
  }
})

const loginToRegistry = ({ registry, hmac }: EnvironmentOptions): Operation[] => {
  if (!registry) return []
  const { address, user, password } = registry
  return [docker.login({ registry: address, user, password, hmac })]
}

/** The environment's bucket can be used with its keys. */
export const checkBucket = ({
  name,
  bucket: { name: bucket, ...place },
  secrets: { accessKey, secretKey },
  hmac,
}: EnvironmentOptions): Operation => {
  const proof = [accessKey, secretKey]
    .map(key => hmac(`s3 ${name} ${place.endpoint} ${bucket}`, key).slice(0, 16))
    .join('-')
  return s3.usable({
    ...place,
    bucket,
    accessKey,
    secretKey,
    version: proof,
    object: `brd-check/${name}`,
  })
}

/** The bucket of the backups can be used with a pair of its keys, and `write` deletes nothing. */
export const checkBackupBucket = (
  { name, backups: { bucket: place }, secrets, hmac }: EnvironmentOptions,
  right: 'write' | 'prune',
): Operation => {
  const { name: bucket, ...at } = place
  const { accessKey, secretKey } = secrets.backups[right]
  const proof = [accessKey, secretKey]
    .map(key => hmac(`s3 ${right} ${name} ${at.endpoint} ${bucket}`, key).slice(0, 16))
    .join('-')
  return s3.usable({
    ...at,
    bucket,
    accessKey,
    secretKey,
    version: proof,
    object: `brd-check/${name}-${right}`,
    deletes: right === 'prune',
  })
}

/** Migrations run in the new image, beside the version that still serves. */
const runRelease = (env: EnvironmentOptions): Operation => {
  const { healthcheck: _, stop_signal: __, ...service } = definePhp(env)
  return job({
    name: `${env.name}-release`,
    stack: env.name,
    service: { ...service, command: env.release },
    secrets: collectAppSecrets(env),
    hmac: env.hmac,
  })
}
