import type { Operation } from '../lib/operation.ts'
import { directory } from '../lib/operations/directory.ts'
import { disk } from '../lib/operations/disk.ts'
import { docker } from '../lib/operations/docker.ts'
import { file } from '../lib/operations/file.ts'
import { http } from '../lib/operations/http.ts'
import { job } from '../lib/operations/job.ts'
import { kept } from '../lib/operations/kept.ts'
import { mariadb } from '../lib/operations/mariadb.ts'
import { redis } from '../lib/operations/redis.ts'
import { s3 } from '../lib/operations/s3.ts'
import { stack } from '../lib/operations/stack.ts'
import { appSecrets } from './environment/app.ts'
import { label, network } from './environment/common.ts'
import { dashboard, dashboards } from './environment/dashboard.ts'
import { held } from './environment/held.ts'
import type { Environment } from './environment/options.ts'
import { php } from './environment/php.ts'
import { redisUsers } from './environment/redis.ts'
import { appStack, dataStack } from './environment/stacks.ts'
import { former, users } from './environment/users.ts'

export { dashboard } from './environment/dashboard.ts'
export { SPOKEN } from './environment/held.ts'
export { type Environment, HELD, type HeldName } from './environment/options.ts'
export { introduced, retired } from './environment/rotation.ts'
export { appStack, dataStack } from './environment/stacks.ts'

/** The lists of an environment, in their order, by where they are played. */
export type Lists = {
  /** On the server: its disk has room. */
  readonly room: readonly Operation[]
  /** On the server: its secrets are those that it was deployed with, and the bucket can be used. */
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
 * node that is labelled for it, on a network of its own, attached to its
 * bucket, under its host names. The database and its users are there before the release's
 * migrations, and these before the first request.
 */
export const environment = (env: Environment): Lists => {
  const serving = stack(appStack(env))
  return {
    // Where images, volumes and logs are. A database that cannot write is worse than a deploy that
    // does not begin.
    room: [disk.free({ path: '/var/lib/docker', least: env.free })],
    bucket: [kept(held(env)), bucket(env)],
    data: [
      ...login(env),
      docker.node({ node: env.node, labels: { [label(env.name)]: '1' } }),
      docker.network({
        name: network(env.name),
        ...(env.mtu === undefined ? {} : { mtu: env.mtu }),
      }),
      stack(dataStack(env)),
    ],
    database: [
      mariadb.administrator({
        service: `${env.name}-data_mariadb`,
        password: env.secrets.held.root.now,
      }),
      ...users(env).map(user => mariadb.user(user)),
      ...former(env).map(user => mariadb.gone(user)),
      redis.users(redisUsers(env)),
    ],
    serving: [
      ...(env.release.length > 0 ? [release(env)] : []),
      serving,
      // Grafana reads it while it runs.
      directory({ path: dashboards }),
      file({ path: `${dashboards}/${env.name}.json`, content: dashboard(env) }),
      ...env.hosts.map(host =>
        http.answers({ after: serving, host, path: env.health, ...env.ask }, { tags: ['answers'] }),
      ),
    ],
  }
}

const login = ({ registry, hmac }: Environment): Operation[] => {
  if (!registry) return []
  const { address, user, password } = registry
  return [docker.login({ registry: address, user, password, hmac })]
}

/** The environment's bucket can be used with its keys. */
export const bucket = ({
  name,
  bucket: { name: bucket, ...place },
  secrets: { accessKey, secretKey },
  hmac,
}: Environment): Operation => {
  const proof = [accessKey, secretKey]
    .map(key => hmac(`s3 ${name} ${place.endpoint} ${bucket}`, key).slice(0, 16))
    .join('-')
  return s3.usable({ ...place, bucket, accessKey, secretKey, proof, object: `brd-check/${name}` })
}

/** Migrations run in the new image, beside the version that still serves. */
const release = (env: Environment): Operation => {
  const { healthcheck: _, stop_signal: __, ...service } = php(env)
  return job({
    name: `${env.name}-release`,
    stack: env.name,
    service: { ...service, command: env.release },
    secrets: appSecrets(env),
    hmac: env.hmac,
  })
}
