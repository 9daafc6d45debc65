import type { ComposeDuration, ComposeService } from '../../lib/compose/compose.ts'

/** The path of the crontab in a container of the backups. */
export const CRONTAB = '/etc/brd/crontab'

/** How long a stopped task may take: supercronic waits for a backup that runs. */
export const LET_END: ComposeDuration = '30m'

/**
 * Makes a service run the crontab of that config. A job that still runs is not started again, and
 * what a job prints is the log.
 */
export const runCrontab = (
  source: string,
): Required<Pick<ComposeService, 'entrypoint' | 'command' | 'configs'>> => ({
  entrypoint: ['supercronic'],
  command: ['-quiet', '-json', '-passthrough-logs', CRONTAB],
  configs: [{ source, target: CRONTAB }],
})

/** Renders a crontab: when each command runs, in UTC. */
export const renderBackupCrontab = (
  environment: string,
  jobs: Readonly<Record<string, string>>,
): string =>
  [
    `# Backups of ${environment}, in UTC.`,
    ...Object.entries(jobs).map(([command, schedule]) => `${schedule} ${command}`),
    '',
  ].join('\n')
