import { makeSafe } from '../../report/sanitize.ts'
import type { EnvironmentNight, Night } from '../night.ts'
import { formatMoment } from './format-moment.ts'
import { formatSpan } from './format-span.ts'

/** What must be known of one environment: what is lost, and what to do. */
export type Alarm = {
  /** Null: it is about the verification itself. */
  readonly environment: string | null
  /**
   * `stale`: it was not verified now, and its last PASS is too old. `ledger`: the ledger cannot be
   * trusted. `results`: those of this night could not be kept.
   */
  readonly about: 'FAIL' | 'COULD NOT VERIFY' | 'stale' | 'ledger' | 'results'
  /** Sentences in one line, without a secret and without control characters. */
  readonly text: string
}

/** When an environment's backups were last proven, as the ledger says. */
export type LastProof = {
  readonly environment: string
  /** When its last PASS ended. ISO 8601, UTC; null if it never had one. */
  readonly provenAt: string | null
  /** The last moment that was restored then. ISO 8601, UTC; null if it never had a PASS. */
  readonly restorableTo: string | null
}

/** Characters of a reason that an alarm says; the report has all of it. */
const LONGEST_REASON = 300
const HOUR = 3_600

/**
 * Lists what a night must wake somebody for: an environment that failed, one that could not be
 * verified, and one of `proofs` that the night leaves out and whose last PASS is older than
 * `maxHours` (default: 26). Nothing if all is well.
 */
export const listAlarms = (
  night: Night,
  proofs: readonly LastProof[],
  maxHours = 26,
): readonly Alarm[] => {
  const ofNight = night.environments.flatMap(one => {
    const proof = proofs.find(({ environment }) => environment === one.environment)
    if (one.verdict === 'PASS') return []
    const write = one.verdict === 'FAIL' ? writeFailure : writeUnverified
    return [createAlarm(one.environment, one.verdict, write(one, night.ended, proof))]
  })
  const leftOut = proofs.filter(
    proof => !night.environments.some(({ environment }) => environment === proof.environment),
  )
  const stale = leftOut.flatMap(proof => {
    const { environment, provenAt } = proof
    const hours = provenAt === null ? Infinity : measure(provenAt, night.ended) / HOUR
    if (hours <= maxHours) return []
    return [createAlarm(environment, 'stale', writeStale(proof, night.ended, maxHours))]
  })
  return [...ofNight, ...stale]
}

/** What went wrong with keeping the results of a night. */
export type KeepingFaults = {
  /** Why the ledger cannot be trusted; null if it can. */
  readonly ledger: string | null
  /** What could not be kept, and why. */
  readonly results: readonly string[]
}

/** Lists what must be known of the ledger and the results of a night; nothing if all is well. */
export const listKeepingAlarms = (
  { ledger, results }: KeepingFaults,
  host: string,
): readonly Alarm[] => [
  ...(ledger === null
    ? []
    : [
        createAlarm(
          null,
          'ledger',
          `The ledger of backups on ${host} CANNOT BE TRUSTED: ${ledger}. What it says was ` +
            'proven is not known to be true, and nothing is added to it. ' +
            'Do: find out who changed it; ' +
            'then bring it back from a copy, or begin one in another folder (--state).',
        ),
      ]),
  ...(results.length === 0
    ? []
    : [
        createAlarm(
          null,
          'results',
          `The results of this night COULD NOT BE KEPT on ${host}: ${formatReasons(results)}. ` +
            'Do: remove the cause, then `npx zx playbooks/verify-backups.ts`.',
        ),
      ]),
]

const createAlarm = (environment: string | null, about: Alarm['about'], text: string): Alarm => ({
  environment,
  about,
  text: makeSafe(text).replace(/\s+/g, ' '),
})

const measure = (from: string, until: string): number =>
  (Date.parse(until) - Date.parse(from)) / 1000

/** Checks that say nothing of the database: if only they fail, it can still be restored. */
const besides = ['freshness of the files', 'repository of the files', 'restore of files']
const isOfDatabase = (name: string): boolean => ![...besides, 'redis', 'assets'].includes(name)

const writeFailure = (one: EnvironmentNight, now: string, proof?: LastProof): string => {
  const { environment, checks, restorableTo } = one
  const isDatabase = checks.some(({ name, is }) => is === 'failed' && isOfDatabase(name))
  const why = formatReasons(one.reasons)
  const act = `Do: \`npx zx playbooks/backup.ts --env ${environment} now\`.`
  if (restorableTo !== null && !isDatabase)
    return (
      `${environment} NOT wholly restorable: ${why}. ` +
      `Its database is, to ${formatMoment(restorableTo, now)} UTC. ${act}`
    )
  const proven = restorableTo ?? proof?.restorableTo ?? null
  if (proven === null && !proof)
    return (
      `${environment} NOT restorable, and when it last was is not known: ${why}. ` +
      `Loss if it dies now: not known. ${act}`
    )
  if (proven === null)
    return (
      `${environment} NOT restorable, and it was never proven to be: ${why}. ` +
      `Loss if it dies now: everything. ${act}`
    )
  return (
    `${environment} NOT ${restorableTo === null ? 'proven ' : ''}restorable after ` +
    `${formatMoment(proven, now)} UTC: ${why}. ` +
    `Loss if it dies now: ${formatSpan(measure(proven, now))}, growing. ${act}`
  )
}

const writeUnverified = (one: EnvironmentNight, now: string, proof?: LastProof): string => {
  const { environment, restorableTo } = one
  const known =
    restorableTo === null
      ? formatProof(proof, now)
      : `Its database was restored, to ${formatMoment(restorableTo, now)} UTC.`
  return (
    `${environment} COULD NOT BE VERIFIED: ${formatReasons(one.reasons)}. ${known} ` +
    `Do: remove the cause, then ${formatVerify(environment)}.`
  )
}

const writeStale = (proof: LastProof, now: string, maxHours: number): string => {
  const { environment, provenAt } = proof
  const since =
    provenAt === null
      ? 'and never was with success'
      : `and its last PASS is ${formatSpan(measure(provenAt, now))} old (${maxHours} h are allowed)`
  return (
    `${environment} was NOT VERIFIED tonight, ${since}. ${formatProof(proof, now)} ` +
    `Do: ${formatVerify(environment)}.`
  )
}

const formatVerify = (environment: string): string =>
  `\`npx zx playbooks/verify-backups.ts --env ${environment}\``

const formatProof = (proof: LastProof | undefined, now: string): string => {
  if (!proof) return 'When it was last proven restorable is not known.'
  const to = proof.restorableTo
  return to === null
    ? 'Nothing of it was ever proven restorable.'
    : `Proven restorable to ${formatMoment(to, now)} UTC; ` +
        `nothing is known of the ${formatSpan(measure(to, now))} since.`
}

const formatReasons = (reasons: readonly string[]): string => {
  const [first = 'no reason was given', ...more] = reasons
  const shown =
    first.length > LONGEST_REASON ? `${first.slice(0, LONGEST_REASON)}…` : first.replace(/\.$/, '')
  return more.length === 0 ? shown : `${shown} (and ${more.length} more)`
}
