import { InputError } from '../errors/input-error.ts'

/** So many hosts (`2`), or a share of those of the play (`'30%'`). */
export type Share = number | `${number}%`

/**
 * The hosts in batches of these sizes, in order; the last size holds for all further batches. A
 * share is rounded down, but a batch has one host
 * at least. Without a size they are one batch.
 */
export const batchesOf = <T>(hosts: readonly T[], sizes: readonly Share[] = []): T[][] => {
  const batches: T[][] = []
  for (let at = 0; at < hosts.length; at += batches.at(-1)?.length ?? 0) {
    const size = sizes[batches.length] ?? sizes.at(-1) ?? hosts.length
    batches.push(hosts.slice(at, at + Math.max(1, countOf(size, hosts.length))))
  }
  return batches
}

/** Why no further host is begun, where so many of all have failed; null while that is borne. */
export const tooMany = (failed: number, all: number, most: Share): string | null =>
  failed > countOf(most, all) ? `${failed} of ${all} hosts failed, and at most ${most} may` : null

const countOf = (share: Share, all: number): number =>
  typeof share === 'number' ? share : Math.floor((Number.parseFloat(share) / 100) * all)

/**
 * A share as somebody typed it: a whole number, or 0% to 100%. `least` is the smallest number that
 * makes sense.
 */
export const shareOf = (flag: string, text: string, least: number): Share => {
  const [, digits, percent] = /^(\d+)(%?)$/.exec(text.trim()) ?? []
  const number = Number(digits)
  if (digits === undefined || number < least || (percent && number > 100))
    throw new InputError({
      place: `${flag} ${text}`,
      message: `is no number of hosts (${least} or more) and no share of them (such as 30%)`,
    })
  return percent ? `${number}%` : number
}
