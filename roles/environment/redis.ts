import type { Service } from '../../lib/compose/compose.ts'
import { bytes } from '../../lib/compose/units.ts'
import { Secret } from '../../lib/secret.ts'
import { alone, labels, network, placement, resources } from './common.ts'
import type { Environment } from './options.ts'

/** Cache and queues, kept on disk. */
export const redis = (env: Environment): Service => ({
  image: env.images.redis,
  // Its configuration holds passwords: it is a secret as a whole.
  command: ['redis-server', '/run/secrets/redis.conf'],
  environment: { TZ: env.timezone },
  labels: labels(env, 'redis'),
  networks: [network(env.name)],
  secrets: [{ source: 'redis', target: 'redis.conf' }],
  volumes: [{ type: 'volume', source: 'redis', target: '/data' }],
  healthcheck: {
    // This user may ping and nothing else, so its password is no secret.
    test: ['CMD-SHELL', 'redis-cli --user health --pass health --no-auth-warning ping | grep -q PONG'],
    interval: '5s',
    timeout: '3s',
    retries: 3,
    // It loads what is on disk before it answers.
    start_period: '1m',
  },
  stop_grace_period: '1m',
  deploy: {
    // As MariaDB: its connections live long.
    endpoint_mode: 'dnsrr',
    placement: placement(env),
    resources: resources(env.services.redis),
    update_config: alone,
  },
})

/** Redis's configuration and its users. */
export const redisConfig = ({ services, secrets }: Environment): Secret => {
  const { redis: password, redisAdmin } = secrets
  const text = `bind * -::*
port 6379
dir /data
appendonly yes
appendfsync everysec
save 900 1 300 10 60 10000
# Forking and the append-only file need the rest of its memory.
maxmemory ${Math.floor((bytes(services.redis.memory) * 0.6) / 1024 ** 2)}mb
# What has a time to live is a cache and may go; a queue has none and stays.
maxmemory-policy volatile-lru
user default on >${password.reveal()} ~* &* +@all -@admin -@dangerous +info +keys +sort +flushdb
user admin on >${redisAdmin.reveal()} ~* &* +@all
user health on >health resetkeys resetchannels -@all +ping
`
  return new Secret(text, `${password.name} in a configuration`)
}
