/** What verify-backups says. */
import type { BackupCheck } from '../../lib/backups/verdict.ts'
import type { EnvironmentNight } from '../../lib/verification/night.ts'
import type { FoundBackups } from './read-backups.ts'

/**
 * The exit code of a night: 2 if a backup failed, 4 if one could not be verified, 6 if something
 * else went wrong, otherwise 0. The first that fits counts.
 */
export const computeNightCode = (
  environments: readonly Pick<EnvironmentNight, 'verdict'>[],
  hasFaults: boolean,
): 0 | 2 | 4 | 6 => {
  const has = (verdict: EnvironmentNight['verdict']): boolean =>
    environments.some(one => one.verdict === verdict)
  if (has('FAIL')) return 2
  if (has('COULD NOT VERIFY') || environments.length === 0) return 4
  return hasFaults ? 6 : 0
}

const labels: Readonly<Record<BackupCheck['is'], string>> = {
  passed: 'ok',
  failed: 'FAILED',
  unverified: 'not verified',
}

/** A line for a check that has ended. */
export const formatCheck = (
  environment: string,
  { name, is, detail, seconds }: BackupCheck,
): string => {
  const time = seconds > 0 ? ` (${seconds.toFixed(1)} s)` : ''
  return `${environment}: ${labels[is]}  ${name}${time}: ${flatten(detail)}`
}

/** What a row of the terminal says of an environment that is being verified. */
export const formatProgress = (environment: string, made: readonly BackupCheck[]): string => {
  const last = made.at(-1)
  const open = made.filter(({ is }) => is !== 'passed').length
  return [
    `${environment}  ${made.length} ${made.length === 1 ? 'check' : 'checks'}`,
    ...(open > 0 ? [`${open} not passed`] : []),
    ...(last ? [`last: ${last.name}`] : []),
  ].join(', ')
}

/** What would be verified, and with what. `missing` are the secrets that the store lacks. */
export const formatPlan = (
  environment: string,
  { places, images, secrets }: FoundBackups,
  missing: readonly string[],
): string[] => [
  `${environment}:`,
  `  bucket    ${places.bucket.name} at ${places.bucket.endpoint} (${places.bucket.region})`,
  `  database  ${places.databaseFolder}, in the image ${images.database}`,
  `  manifests ${places.manifestsFolder}`,
  `  files     ${places.filesFolder}, in the image ${images.files}`,
  `  secrets   ${Object.values(secrets).join(', ')}`,
  ...(missing.length > 0 ? [`  missing   ${missing.join(', ')}: not in the store`] : []),
]

const flatten = (text: string): string => text.replace(/\s*\n\s*/g, ' ')
