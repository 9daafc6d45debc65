import type { ComposeService } from '../../lib/compose/compose.ts'
import { defineApplication } from './app.ts'
import { checkHealth } from './compose-parts.ts'
import type { EnvironmentOptions } from './options.ts'

/** Works through the queue. */
export const defineWorker = (env: EnvironmentOptions): ComposeService => {
  const { service, deploy } = defineApplication(env, 'worker')
  return {
    ...service,
    command: env.worker,
    // Its job is ended in order: a worker takes SIGTERM as "this one, and no other".
    stop_signal: 'SIGTERM',
    stop_grace_period: '2m',
    healthcheck: checkHealth(['CMD', 'healthcheck', 'worker'], '30s', '10s'),
    deploy: {
      ...deploy,
      replicas: env.services.worker.replicas ?? 1,
      // Two versions must not work on one queue.
      update_config: { order: 'stop-first', monitor: '15s', failure_action: 'rollback' },
    },
  }
}
