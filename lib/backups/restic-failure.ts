/** Why a call of restic failed, as far as its words tell. */
export type ResticFailure =
  /** There is no repository at the place, or no bucket. */
  | 'no repository'
  /** The password does not open the repository. */
  | 'wrong password'
  /** Somebody else holds a lock. */
  | 'locked'
  /** The bucket's keys are refused. */
  | 'access denied'
  /** The storage does not answer. */
  | 'unreachable'
  /** No space is left where it writes. */
  | 'no space'
  /** Data in the repository are damaged or missing. */
  | 'damaged'
  /** A path to back up cannot be read or does not exist. */
  | 'source missing'
  /** Something else. */
  | 'other'

/** Exit codes that restic has since 0.17; before, only 1. */
const byExitCode: Readonly<Record<number, ResticFailure>> = {
  3: 'source missing',
  10: 'no repository',
  11: 'locked',
  12: 'wrong password',
}

/**
 * In this order: with any error of the storage restic asks whether there is a repository at all,
 * so that its question says nothing.
 */
const byWords: readonly (readonly [string, ResticFailure])[] = [
  ['no space left on device', 'no space'],
  ['already locked|unable to create lock', 'locked'],
  ['wrong password or no key found', 'wrong password'],
  ['access ?denied|SignatureDoesNotMatch|InvalidAccessKeyId', 'access denied'],
  ['400 Bad Request|403 Forbidden|no credentials found', 'access denied'],
  ['connection (?:refused|reset)|no such host|i/o timeout|timed? ?out', 'unreachable'],
  ['network is unreachable|no route to host|TLS handshake|certificate', 'unreachable'],
  ['ciphertext verification failed|Pack ID does not match', 'damaged'],
  ['repository contains errors|unexpected file size|There were \\d+ errors', 'damaged'],
  ['does not exist|not found in repository|not referenced in any index', 'damaged'],
]

/**
 * Says why a call of restic (0.14 to 0.19) failed, by its exit code and by what it printed on
 * stderr. A failure that is not a fault of the backup itself is never called 'damaged'.
 */
export const explainRestic = (exitCode: number, stderr: string): ResticFailure => {
  const known = byExitCode[exitCode]
  if (known) return known
  if (/all target directories\/files do not exist|does not exist, skipping/.test(stderr))
    return 'source missing'
  if (/repository does not exist|config file: Stat: The specified \w+ does not exist/i.test(stderr))
    return 'no repository'
  return byWords.find(([words]) => new RegExp(words, 'i').test(stderr))?.[1] ?? 'other'
}
