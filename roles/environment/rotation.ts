import type { Operation } from '../../lib/operation.ts'
import { mariadb } from '../../lib/operations/mariadb.ts'
import { redis } from '../../lib/operations/redis.ts'
import { restic } from '../../lib/operations/restic.ts'
import { stack } from '../../lib/operations/stack.ts'
import { walg } from '../../lib/operations/walg.ts'
import type { Secret } from '../../lib/secret.ts'
import { makeUser, type UserKey } from './database-users.ts'
import type { EnvironmentOptions, RotatedSecret } from './options.ts'
import { makeRedisUsers } from './redis.ts'
import { makeAppStack } from './stacks.ts'

/**
 * On the server, before anything uses them: the next value of each is good, beside the one in
 * force.
 */
export const addNewSecrets = (
  env: EnvironmentOptions,
  keys: readonly RotatedSecret[],
): readonly Operation[] => [
  ...pickUsers(keys).flatMap(key => addSecondUser(env, key)),
  ...pickSecret(env, keys, 'root').flatMap(({ next }) =>
    next ? [mariadb.administrator({ service: nameDatabase(env), password: next })] : [],
  ),
  ...(pickRedisKeys(keys).length > 0
    ? [redis.users(makeRedisUsers({ ...env, rotating: keys }))]
    : []),
  ...pickRedisKeys(keys).flatMap(key => checkRedisLogin(env, key, 'next')),
  ...pickSecret(env, keys, 'restic').flatMap(({ next }) =>
    next ? [restic.key({ ...describeRepository(env, next), password: next })] : [],
  ),
]

/**
 * On the server, once all that uses them has gone over: the value before of each is good no more,
 * and that was shown.
 */
export const removeOldSecrets = (
  env: EnvironmentOptions,
  keys: readonly RotatedSecret[],
  backups: boolean,
): readonly Operation[] => [
  // Tasks of before serve to their end, with what they were started with.
  stack.drained({ name: env.name, tasks: countTasks(env) }),
  ...pickUsers(keys).flatMap(key => removeFirstUser(env, key)),
  ...pickSecret(env, keys, 'root').flatMap(({ previous }) =>
    previous ? [checkRefused(env, 'root', 'localhost', previous)] : [],
  ),
  ...(pickRedisKeys(keys).length > 0
    ? [redis.users(makeRedisUsers(settleSecrets(env, keys)))]
    : []),
  ...pickRedisKeys(keys).flatMap(key => checkRedisLogin(env, key, 'previous')),
  ...pickSecret(env, keys, 'restic').flatMap(({ now, previous }) => [
    // To remove a key of the repository is a right of the pruning job's keys.
    restic.only({ ...describeRepository(env, now), service: `${env.name}_restic-prune` }),
    ...(previous
      ? [restic.refuses({ ...describeRepository(env, previous), password: previous })]
      : []),
  ]),
  ...pickSecret(env, keys, 'walg').flatMap(() =>
    backups ? [walg.full({ service: `${env.name}-data_walg` })] : [],
  ),
]

const nameDatabase = (env: EnvironmentOptions): string => `${env.name}-data_mariadb`
const makeMark = (env: EnvironmentOptions, what: string, secret: Secret): string =>
  env.hmac(`rotation ${env.name} ${what}`, secret)
const pickSecret = (env: EnvironmentOptions, keys: readonly RotatedSecret[], key: RotatedSecret) =>
  keys.includes(key) ? [env.secrets.rotated[key]] : []
const pickUsers = (keys: readonly RotatedSecret[]) =>
  (['app', 'backup', 'monitor'] as const).filter(key => keys.includes(key))
const pickRedisKeys = (keys: readonly RotatedSecret[]) =>
  (['redis', 'redisAdmin'] as const).filter(key => keys.includes(key))

/** A second user takes over: nobody who is served by the first loses it before. */
const addSecondUser = (env: EnvironmentOptions, key: UserKey): readonly Operation[] => {
  const { next, number } = env.secrets.rotated[key]
  if (!next) return []
  const wanted = makeUser(env, key, number + 1, next)
  const { grants: _, ...login } = wanted
  return [
    mariadb.user(wanted),
    mariadb.accepts({ ...login, version: makeMark(env, 'accepts', next) }),
  ]
}

const removeFirstUser = (env: EnvironmentOptions, key: UserKey): readonly Operation[] => {
  const { previous, number } = env.secrets.rotated[key]
  if (!previous) return []
  const { user, host } = makeUser(env, key, number - 1, previous)
  return [
    mariadb.user({ service: nameDatabase(env), user, host, state: 'absent' }),
    checkRefused(env, user, host, previous),
  ]
}

const checkRefused = (
  env: EnvironmentOptions,
  user: string,
  host: string,
  password: Secret,
): Operation =>
  mariadb.refuses({
    service: nameDatabase(env),
    user,
    host,
    password,
    version: makeMark(env, 'refuses', password),
  })

const checkRedisLogin = (
  env: EnvironmentOptions,
  key: 'redis' | 'redisAdmin',
  which: 'next' | 'previous',
): readonly Operation[] => {
  const password = env.secrets.rotated[key][which]
  const login = { service: `${env.name}-data_redis`, user: key === 'redis' ? 'default' : 'admin' }
  if (!password) return []
  return [
    redis[which === 'next' ? 'accepts' : 'refuses']({
      ...login,
      password,
      version: makeMark(env, `redis ${which}`, password),
    }),
  ]
}

const describeRepository = (env: EnvironmentOptions, password: Secret) => ({
  service: `${env.name}_restic`,
  version: makeMark(env, 'restic', password).slice(0, 16),
})

const countTasks = (env: EnvironmentOptions): number =>
  Object.values(makeAppStack(env).compose.services).reduce(
    (sum, { deploy }) => sum + (deploy.replicas ?? 1),
    0,
  )

/** As the environment is once these have no value before. */
const settleSecrets = (
  env: EnvironmentOptions,
  keys: readonly RotatedSecret[],
): EnvironmentOptions => {
  const held = Object.entries(env.secrets.rotated).map(([key, one]) => [
    key,
    keys.includes(key as RotatedSecret) ? { ...one, previous: null } : one,
  ])
  return { ...env, rotating: [], secrets: { ...env.secrets, rotated: Object.fromEntries(held) } }
}
