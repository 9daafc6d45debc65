import { InputError } from '../errors/input-error.ts'

/** So many hosts (`2`), or a share of those of the play (`'30%'`). */
export type HostShare = number | `${number}%`

/**
 * Splits hosts into batches of these sizes, in order; the last size repeats. A share is rounded
 * down, but a batch has at least one host. Without a size there is one batch.
 */
export const splitIntoBatches = <T>(
  hosts: readonly T[],
  sizes: readonly HostShare[] = [],
): T[][] => {
  const batches: T[][] = []
  for (let at = 0; at < hosts.length; at += batches.at(-1)?.length ?? 0) {
    const size = sizes[batches.length] ?? sizes.at(-1) ?? hosts.length
    batches.push(hosts.slice(at, at + Math.max(1, countHosts(size, hosts.length))))
  }
  return batches
}

/** Explains why no further host is begun after so many failures; null while that is allowed. */
export const explainGivingUp = (failed: number, all: number, most: HostShare): string | null =>
  failed > countHosts(most, all)
    ? `${failed} of ${all} hosts failed, and at most ${most} may`
    : null

const countHosts = (share: HostShare, all: number): number =>
  typeof share === 'number' ? share : Math.floor((Number.parseFloat(share) / 100) * all)

/**
 * Parses a share as the operator types it: a whole number, or 0% to 100%. `least` is the smallest
 * number that makes sense.
 */
export const parseShare = (flag: string, text: string, least: number): HostShare => {
  const [, digits, percent] = /^(\d+)(%?)$/.exec(text.trim()) ?? []
  const number = Number(digits)
  if (digits === undefined || number < least || (percent && number > 100))
    throw new InputError({
      place: `${flag} ${text}`,
      message: `must be a number of hosts (at least ${least}) or a percentage such as 30%`,
    })
  return percent ? `${number}%` : number
}
