import type { ComposeService } from '../../lib/compose/compose.ts'
import { defineApplication } from './app.ts'
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
    healthcheck: {
      test: ['CMD', 'healthcheck', 'worker'],
      interval: '10s',
      timeout: '5s',
      retries: 3,
      start_period: '30s',
    },
    deploy: {
      ...deploy,
      replicas: env.services.worker.replicas ?? 1,
      // Two versions must not work on one queue.
      update_config: { order: 'stop-first', monitor: '15s', failure_action: 'rollback' },
    },
  }
}
