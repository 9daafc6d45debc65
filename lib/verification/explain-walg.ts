/** Why a call of wal-g failed: `damaged` is the backup's fault, the others are not. */
export type WalgFailure = 'damaged' | 'missing' | 'no access' | 'unreachable' | 'no space' | 'other'

/**
 * In this order: a full disk shows as a broken pipe too, and a store that is away in whatever was
 * asked of it.
 */
const words: readonly (readonly [string, WalgFailure])[] = [
  ['no space left on device|errno: 28|disk quota exceeded', 'no space'],
  ['SignatureDoesNotMatch|InvalidAccessKeyId|Access ?Denied|NoSuchBucket', 'no access'],
  ['RequestTimeTooSkewed|unable to read key from file|key length must be', 'no access'],
  ['not compiled with libsodium', 'no access'],
  ['RequestError|connection refused|no such host|could not connect', 'unreachable'],
  ['i/o timeout|network is unreachable|no route to host', 'unreachable'],
  ['corrupted chunk|unexpected EOF|mariadb-backup.*error|failed to prepare', 'damaged'],
  ["Archive '.*' does not exist|not found in storage|Backup '.*' does not exist", 'missing'],
]

/** Says why a call of wal-g failed, by what it printed on stderr: its exit code is always 1. */
export const explainWalg = (stderr: string): WalgFailure =>
  words.find(([pattern]) => new RegExp(pattern, 'i').test(stderr))?.[1] ?? 'other'

/** The last line of ERROR that a program printed, without its time; for people. */
export const findError = (stderr: string): string => {
  const lines = stderr.trim().split('\n')
  const found =
    lines.findLast(line => line.startsWith('ERROR: ')) ??
    lines.findLast(line => /\berror\b/i.test(line)) ??
    lines.at(-1) ??
    ''
  return found.replace(/^ERROR: \d{4}\/\d\d\/\d\d [\d:.]+ /, '').slice(0, 300)
}
