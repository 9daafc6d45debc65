import type { ComposeService } from '../../lib/compose/compose.ts'
import { parseBytes } from '../../lib/compose/units.ts'
import { ACL_FILE, HEALTH_RULES, startWithAcl } from '../../lib/operations/redis/acl.ts'
import type { RedisUsers } from '../../lib/operations/redis/users.ts'
import {
  checkHealth,
  limitResources,
  makeLabels,
  nameNetwork,
  placeOnNode,
  singleTask,
} from './compose-parts.ts'
import type { EnvironmentOptions } from './options.ts'

/** Cache and queues, kept on disk. */
export const defineRedis = (env: EnvironmentOptions): ComposeService => ({
  image: env.images.redis,
  // No password is in what it is started with: its users are in a file beside its data, which is
  // changed while it runs.
  command: ['sh', '-c', startWithAcl('/etc/redis.conf')],
  environment: { TZ: env.timezone },
  labels: makeLabels(env, 'redis'),
  networks: [nameNetwork(env.name)],
  configs: [{ source: 'redis', target: '/etc/redis.conf' }],
  volumes: [{ type: 'volume', source: 'redis', target: '/data' }],
  // Whoever reaches it may be this user, which may ping and no more. It loads what is on disk
  // before it answers.
  healthcheck: checkHealth(
    ['CMD-SHELL', 'redis-cli --user health --pass health --no-auth-warning ping | grep -q PONG'],
    '1m',
  ),
  stop_grace_period: '1m',
  deploy: {
    // As MariaDB: its connections live long.
    endpoint_mode: 'dnsrr',
    placement: placeOnNode(env),
    resources: limitResources(env.services.redis),
    update_config: singleTask,
  },
})

/** Redis's configuration. */
export const renderRedisConfig = ({ services }: EnvironmentOptions): string => `bind * -::*
port 6379
dir /data
aclfile ${ACL_FILE}
appendonly yes
appendfsync everysec
save 900 1 300 10 60 10000
# Forking and the append-only file need the rest of its memory.
maxmemory ${Math.floor((parseBytes(services.redis.memory) * 0.6) / 1024 ** 2)}mb
# What has a time to live is a cache and may go; a queue has none and stays.
maxmemory-policy volatile-lru
`

/** Redis's users. Where one password takes over from another, both are good. */
export const makeRedisUsers = ({
  name,
  secrets: { rotated },
  rotating = [],
}: EnvironmentOptions): RedisUsers => {
  const known = (key: 'redis' | 'redisAdmin') => {
    const passwords = [rotated[key].now, rotated[key].next, rotated[key].previous].filter(
      secret => secret !== null,
    )
    return { passwords, others: passwords.length > 1 || rotating.includes(key) }
  }
  return {
    service: `${name}-data_redis`,
    users: {
      default: {
        ...known('redis'),
        rules: 'on ~* &* +@all -@admin -@dangerous +info +keys +sort +flushdb',
      },
      admin: { ...known('redisAdmin'), rules: 'on ~* &* +@all' },
      health: { passwords: [], rules: HEALTH_RULES },
    },
  }
}
