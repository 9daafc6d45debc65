import { type CommonFlags, splitWords } from '../cli/flags.ts'
import { InputError } from '../errors/input-error.ts'
import { canAsk } from '../report/ask.ts'
import { type Share, shareOf } from './batch-sizes.ts'
import { checkPlanFlags } from './plan/open.ts'
import type { Wishes } from './selection.ts'

/** What the flags say of how a run plays. */
export type RunFlags = {
  /** Hosts worked on at a time. */
  readonly forks: number
  readonly selection: Wishes
  /** Over what a play says itself. */
  readonly serial?: readonly Share[]
  readonly maxFail?: Share
}

/** The flags of a run, read and checked. What makes no sense is an InputError. */
export const runFlags = (flags: CommonFlags): RunFlags => {
  checkPlanFlags(flags)
  const { serial, 'max-fail': maxFail, 'start-at': startAt } = flags
  if (flags.step && !flags.check && !flags.yes && !canAsk())
    throw new InputError({
      place: '--step',
      message: 'nobody can be asked here',
      next: 'Give -y to make the changes one by one unasked.',
    })
  return {
    forks: forksOf(flags),
    selection: {
      only: splitWords(flags.tags),
      not: splitWords(flags['skip-tags']),
      ...(startAt === undefined ? {} : { startAt }),
    },
    ...(serial === undefined
      ? {}
      : { serial: serial.split(',').map(text => shareOf('--serial', text, 1)) }),
    ...(maxFail === undefined ? {} : { maxFail: shareOf('--max-fail', maxFail, 0) }),
  }
}

/** Hosts at a time. */
export const forksOf = ({ forks = '50' }: CommonFlags): number => {
  const number = Number(forks)
  if (!Number.isInteger(number) || number < 1)
    throw new InputError({
      place: `--forks ${forks}`,
      message: 'is not a number of hosts, 1 or more',
    })
  return number
}
