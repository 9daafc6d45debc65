import type { ComposeService } from '../../lib/compose/compose.ts'
import { defineApplication } from './app.ts'
import { checkHealth, rolling } from './compose-parts.ts'
import type { EnvironmentOptions } from './options.ts'

/**
 * php-fpm, as the image's entry point starts it: it serves for 10 s after it was told to stop, then
 * ends its requests.
 */
export const definePhp = (env: EnvironmentOptions): ComposeService => {
  const { service, deploy } = defineApplication(env, 'php')
  return {
    ...service,
    environment: {
      ...service.environment,
      FPM_CHILDREN: String(env.children),
      PHP_UPLOAD_MAX: `${env.uploads}M`,
    },
    healthcheck: checkHealth(['CMD', 'healthcheck', 'fpm'], '15s'),
    stop_signal: 'SIGTERM',
    // 10 s of serving, 30 s for the requests under way, and some.
    stop_grace_period: '1m',
    deploy: {
      ...deploy,
      replicas: env.services.php.replicas ?? 1,
      ...rolling,
    },
  }
}
