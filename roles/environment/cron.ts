import type { ComposeService } from '../../lib/compose/compose.ts'
import { defineApplication } from './app.ts'
import { checkHealth, singleTask } from './compose-parts.ts'
import type { EnvironmentOptions } from './options.ts'

/**
 * Runs the application's tasks on time, with supercronic: a task that still runs is not started
 * again, and what it prints is logged.
 */
export const defineCron = (env: EnvironmentOptions): ComposeService => {
  const { service, deploy } = defineApplication(env, 'cron')
  return {
    ...service,
    command: ['cron'],
    // Over the crontab that the image may have.
    ...(env.cron.length > 0
      ? { configs: [{ source: 'crontab', target: '/app/crontab' } as const] }
      : {}),
    // Supercronic waits for the tasks that run.
    stop_grace_period: '5m',
    healthcheck: checkHealth(['CMD', 'healthcheck', 'cron'], '10s', '10s'),
    // Two would do each task twice.
    deploy: { ...deploy, update_config: singleTask },
  }
}

/** The crontab of those lines. */
export const renderCrontab = ({ name, timezone, cron: lines }: EnvironmentOptions): string =>
  [`# Tasks of ${name}, in the time of ${timezone}.`, ...lines, ''].join('\n')
