import type { ComposeService } from '../../lib/compose/compose.ts'
import {
  checkHealth,
  limitResources,
  makeLabels,
  nameNetwork,
  placeOnNode,
  singleTask,
} from './compose-parts.ts'
import { socket } from './mariadb.ts'
import type { EnvironmentOptions } from './options.ts'

/**
 * Where MariaDB writes its slow queries: the server cannot write to its container's own log, which
 * it no longer may open as its user.
 */
export const slowLog = '/run/mysqld/slow.log'

/**
 * Shows the slow queries as a separate log, and keeps their file small: MariaDB appends to it, so
 * it can be emptied while MariaDB runs.
 */
export const defineSlowlog = (env: EnvironmentOptions): ComposeService => ({
  image: env.images.mariadb,
  entrypoint: ['/bin/sh', '-c', script],
  user: 'mysql',
  environment: { TZ: env.timezone },
  labels: makeLabels(env, 'slowlog'),
  networks: [nameNetwork(env.name)],
  volumes: [socket],
  healthcheck: checkHealth(['CMD-SHELL', `test -w ${slowLog}`], '3m', '10s'),
  deploy: {
    // Nobody calls it, and it calls nobody.
    endpoint_mode: 'dnsrr',
    placement: placeOnNode(env),
    resources: limitResources({ memory: '32M' }),
    update_config: singleTask,
  },
})

const script = `tail -n 0 -F ${slowLog} 2>/dev/null &
trap 'exit 0' TERM INT
while sleep 60 & wait $!; do
  [ "$(stat -c %s ${slowLog} 2>/dev/null || echo 0)" -lt 67108864 ] || : > ${slowLog}
done`
