import { makeSafe, sanitize } from '../../report/sanitize.ts'
import type { Night } from '../night.ts'

/**
 * Renders a night for Loki: a line of JSON per environment, without the single checks. `level` is
 * what Grafana colours a line by.
 */
export const renderNightLines = (night: Night): string => {
  const { environments, ...rest } = sanitize(night, makeSafe)
  return environments
    .map(({ checks: _, ...one }) => {
      const level = levels[one.verdict]
      return `${JSON.stringify({ message: 'verification of backups', level, ...rest, ...one })}\n`
    })
    .join('')
}

const levels = { PASS: 'info', FAIL: 'error', 'COULD NOT VERIFY': 'warn' } as const
