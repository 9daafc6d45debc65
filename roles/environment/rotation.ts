import type { Operation } from '../../lib/operation.ts'
import { mariadb } from '../../lib/operations/mariadb.ts'
import { redis } from '../../lib/operations/redis.ts'
import { restic } from '../../lib/operations/restic.ts'
import { stack } from '../../lib/operations/stack.ts'
import { walg } from '../../lib/operations/walg.ts'
import type { Secret } from '../../lib/secret.ts'
import type { Environment, HeldName } from './options.ts'
import { redisUsers } from './redis.ts'
import { appStack } from './stacks.ts'
import { type UserKey, userOf } from './users.ts'

/**
 * On the server, before anything uses them: the next value of each is good, beside the one in
 * force.
 */
export const introduced = (env: Environment, keys: readonly HeldName[]): readonly Operation[] => [
  ...users(keys).flatMap(key => second(env, key)),
  ...only(env, keys, 'root').flatMap(({ next }) =>
    next ? [mariadb.administrator({ service: database(env), password: next })] : [],
  ),
  ...(redisKeys(keys).length > 0 ? [redis.users(redisUsers({ ...env, rotating: keys }))] : []),
  ...redisKeys(keys).flatMap(key => cacheLogin(env, key, 'next')),
  ...only(env, keys, 'restic').flatMap(({ next }) =>
    next ? [restic.key({ ...repository(env, next), password: next })] : [],
  ),
]

/**
 * On the server, once all that uses them has gone over: the value before of each is good no more,
 * and that was shown.
 */
export const retired = (
  env: Environment,
  keys: readonly HeldName[],
  backups: boolean,
): readonly Operation[] => [
  // Tasks of before serve to their end, with what they were started with.
  stack.drained({ name: env.name, tasks: tasks(env) }),
  ...users(keys).flatMap(key => first(env, key)),
  ...only(env, keys, 'root').flatMap(({ previous }) =>
    previous ? [refused(env, 'root', 'localhost', previous)] : [],
  ),
  ...(redisKeys(keys).length > 0 ? [redis.users(redisUsers(settled(env, keys)))] : []),
  ...redisKeys(keys).flatMap(key => cacheLogin(env, key, 'previous')),
  ...only(env, keys, 'restic').flatMap(({ now, previous }) => [
    restic.only(repository(env, now)),
    ...(previous ? [restic.refuses({ ...repository(env, previous), password: previous })] : []),
  ]),
  ...only(env, keys, 'walg').flatMap(() =>
    backups ? [walg.full({ service: `${env.name}-data_walg` })] : [],
  ),
]

const database = (env: Environment): string => `${env.name}-data_mariadb`
const mark = (env: Environment, what: string, secret: Secret): string =>
  env.hmac(`rotation ${env.name} ${what}`, secret)
const only = (env: Environment, keys: readonly HeldName[], key: HeldName) =>
  keys.includes(key) ? [env.secrets.held[key]] : []
const users = (keys: readonly HeldName[]) =>
  (['app', 'backup', 'monitor'] as const).filter(key => keys.includes(key))
const redisKeys = (keys: readonly HeldName[]) =>
  (['redis', 'redisAdmin'] as const).filter(key => keys.includes(key))

/** A second user takes over: nobody who is served by the first loses it before. */
const second = (env: Environment, key: UserKey): readonly Operation[] => {
  const { next, number } = env.secrets.held[key]
  if (!next) return []
  const wanted = userOf(env, key, number + 1, next)
  const { grants: _, ...login } = wanted
  return [mariadb.user(wanted), mariadb.accepts({ ...login, mark: mark(env, 'accepts', next) })]
}

const first = (env: Environment, key: UserKey): readonly Operation[] => {
  const { previous, number } = env.secrets.held[key]
  if (!previous) return []
  const { user, host } = userOf(env, key, number - 1, previous)
  return [mariadb.gone({ service: database(env), user, host }), refused(env, user, host, previous)]
}

const refused = (env: Environment, user: string, host: string, password: Secret): Operation =>
  mariadb.refuses({
    service: database(env),
    user,
    host,
    password,
    mark: mark(env, 'refuses', password),
  })

const cacheLogin = (
  env: Environment,
  key: 'redis' | 'redisAdmin',
  which: 'next' | 'previous',
): readonly Operation[] => {
  const password = env.secrets.held[key][which]
  const login = { service: `${env.name}-data_redis`, user: key === 'redis' ? 'default' : 'admin' }
  if (!password) return []
  return [
    redis[which === 'next' ? 'accepts' : 'refuses']({
      ...login,
      password,
      mark: mark(env, `redis ${which}`, password),
    }),
  ]
}

const repository = (env: Environment, password: Secret) => ({
  service: `${env.name}_restic`,
  mark: mark(env, 'restic', password).slice(0, 16),
})

const tasks = (env: Environment): number =>
  Object.values(appStack(env).compose.services).reduce(
    (sum, { deploy }) => sum + (deploy.replicas ?? 1),
    0,
  )

/** As the environment is once these have no value before. */
const settled = (env: Environment, keys: readonly HeldName[]): Environment => {
  const held = Object.entries(env.secrets.held).map(([key, one]) => [
    key,
    keys.includes(key as HeldName) ? { ...one, previous: null } : one,
  ])
  return { ...env, rotating: [], secrets: { ...env.secrets, held: Object.fromEntries(held) } }
}
