/** How one check of a backup ended. */
export type BackupCheck = {
  /** What was checked, such as 'binary logs'. */
  readonly name: string
  /** `failed`: the backup is at fault. `unverified`: the check itself could not be made. */
  readonly is: 'passed' | 'failed' | 'unverified'
  /** A sentence: what was found, or why it could not be looked at. */
  readonly detail: string
  /** How long it took. */
  readonly seconds: number
}

export type BackupVerdict = 'PASS' | 'FAIL' | 'COULD NOT VERIFY'

/** What is asked of a verification before its verdict may be PASS. */
export const REQUIRED_CHECKS = [
  'freshness of the database',
  'restore of the database',
  'binary logs without a gap',
  'manifest',
  'contents of the database',
  'replay to the manifest',
  'objects of the database',
  'replay to a second',
  'canary',
  'point in time',
  'query of the application',
  'freshness of the files',
  'repository of the files',
  'restore of files',
  'redis',
  'assets',
] as const

export type RequiredCheck = (typeof REQUIRED_CHECKS)[number]

/**
 * The verdict on an environment's backups: FAIL if a check found a fault; COULD NOT VERIFY if one
 * could not be made, or is missing; PASS only if every required check was made and passed.
 */
export const decideVerdict = (
  checks: readonly BackupCheck[],
  required: readonly string[] = REQUIRED_CHECKS,
): { readonly verdict: BackupVerdict; readonly reasons: readonly string[] } => {
  const failed = checks.filter(({ is }) => is === 'failed')
  if (failed.length > 0) return { verdict: 'FAIL', reasons: failed.map(formatReason) }
  const open = checks.filter(({ is }) => is === 'unverified').map(formatReason)
  const missing = required.filter(name => !checks.some(check => check.name === name))
  const reasons = [...open, ...(missing.length > 0 ? [`not checked: ${missing.join(', ')}`] : [])]
  return { verdict: reasons.length > 0 ? 'COULD NOT VERIFY' : 'PASS', reasons }
}

const formatReason = ({ name, detail }: BackupCheck): string => `${name}: ${detail}`
