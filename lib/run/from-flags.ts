import { splitNames } from '../cli/command-line.ts'
import type { CommonFlags } from '../cli/flags.ts'
import { InputError } from '../errors/input-error.ts'
import { canAsk } from '../report/ask.ts'
import { type HostShare, parseShare } from './host-share.ts'
import { chooseMode, type Mode } from './mode.ts'
import { checkPlanFlags } from './plan/open.ts'
import type { SelectionFlags } from './selection.ts'

/** How a run plays, as its flags say. */
export type RunFlags = {
  readonly mode: Mode
  /** Hosts worked on at a time. */
  readonly forks: number
  readonly selection: SelectionFlags
  /** Takes precedence over a play's own option. */
  readonly serial?: readonly HostShare[]
  readonly maxFail?: HostShare
}

/** Reads and checks the flags of a run. Flags that make no sense are an InputError. */
export const readRunFlags = (flags: CommonFlags): RunFlags => {
  const mode = chooseMode(flags)
  checkPlanFlags(flags, mode)
  const { serial, 'max-fail': maxFail, 'start-at': startAt } = flags
  if (flags.step && mode === 'apply' && !flags.yes && !canAsk())
    throw new InputError({
      place: '--step',
      message: 'nobody can be asked here',
      next: 'Give -y to make the changes one by one unasked.',
    })
  return {
    mode,
    forks: readForks(flags),
    selection: {
      only: splitNames('--tags', flags.tags),
      not: splitNames('--skip-tags', flags['skip-tags']),
      ...(startAt === undefined ? {} : { startAt }),
    },
    ...(serial === undefined
      ? {}
      : { serial: serial.split(',').map(text => parseShare('--serial', text, 1)) }),
    ...(maxFail === undefined ? {} : { maxFail: parseShare('--max-fail', maxFail, 0) }),
  }
}

/** Reads how many hosts are worked on at a time. */
export const readForks = ({ forks = '50' }: CommonFlags): number => {
  const number = /^\d{1,6}$/.test(forks) ? Number(forks) : 0
  if (number < 1)
    throw new InputError({
      place: `--forks ${forks}`,
      message: 'is not a number of hosts, 1 or more',
    })
  return number
}
