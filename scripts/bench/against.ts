/**
 * Compares two checkouts by pairs of runs in turn, so that the machine's load affects both alike.
 */
import type { Checkout } from './checkout.ts'
import type { BenchJob } from './jobs.ts'
import type { Measured } from './measurement.ts'
import { showStep } from './progress.ts'
import { ENOUGH, type Left } from './rows.ts'

/** The medians of one job in both checkouts. */
export type Pair = {
  readonly work: string
  readonly by: BenchJob['by']
  readonly pairs: number
  readonly before?: Figures
  readonly after?: Figures
  readonly problem?: string
}

export type Figures = Pick<Measured, 'seconds' | 'cpu'> & { readonly mebibytes: number }

/** Measures each job in so many pairs. The order within a pair alternates. */
export const comparePairs = async (
  jobs: readonly BenchJob[],
  [before, after]: readonly [Checkout, Checkout],
  pairs: number,
  left: Left,
): Promise<Pair[]> => {
  const all: Pair[] = []
  for (const { work, by, measure } of jobs) {
    const taken = { before: [] as Measured[], after: [] as Measured[] }
    const take = async (which: 'before' | 'after') =>
      taken[which].push(await measure(which === 'before' ? before : after, left))
    let problem: string | undefined
    try {
      await measure(before, left) // not measured: it compiles, and warms the disk's cache
      await measure(after, left)
      for (let n = 0; n < pairs && left() > ENOUGH; n++) {
        showStep(`${work}, by ${by}: pair ${n + 1} of ${pairs}`)
        for (const which of n % 2 === 0
          ? (['before', 'after'] as const)
          : (['after', 'before'] as const))
          await take(which)
      }
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
    all.push({
      work,
      by,
      pairs: taken.after.length,
      ...compareFigures(taken),
      ...(problem === undefined ? {} : { problem }),
    })
  }
  return all
}

const compareFigures = ({ before, after }: Record<'before' | 'after', readonly Measured[]>) =>
  before.length > 0 && after.length > 0
    ? { before: takeMedians(before), after: takeMedians(after) }
    : {}

const takeMedians = (all: readonly Measured[]): Figures => ({
  seconds: takeMiddle(all.map(({ seconds }) => seconds)),
  cpu: takeMiddle(all.map(({ cpu }) => cpu)),
  mebibytes: takeMiddle(all.map(({ mebibytes = 0 }) => mebibytes)),
})

/** The value in the middle; of an even number the mean of the two. */
export const takeMiddle = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = (sorted.length - 1) / 2
  return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2
}

const COLUMNS = ['', 'by', 'pairs', 'wall s', '', 'CPU s', '', 'MiB', '', '']

/** Before and after, with what is more than 10 % worse. Pure. */
export const renderPairTable = (all: readonly Pair[]): string => {
  const rows = [COLUMNS, ...all.map(renderCells)]
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0)))
  return rows
    .map(row =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const renderCells = ({ work, by, pairs, before, after, problem }: Pair): string[] => {
  if (!before || !after) return [work, by, '0', `not measured: ${problem ?? 'no time was left'}`]
  const figure = (key: keyof Figures, digits: number) => [
    `${before[key].toFixed(digits)} -> ${after[key].toFixed(digits)}`,
    `x ${(after[key] / before[key]).toFixed(2)}`,
  ]
  const named = { seconds: 'wall', cpu: 'CPU', mebibytes: 'memory' } as const
  const worse = (['seconds', 'cpu', 'mebibytes'] as const)
    .filter(key => after[key] > before[key] * 1.1)
    .map(key => named[key])
  const mark = worse.length > 0 ? `WORSE: ${worse.join(', ')}` : ''
  return [
    work,
    by,
    String(pairs),
    ...figure('seconds', 2),
    ...figure('cpu', 2),
    ...figure('mebibytes', 0),
    [mark, problem].filter(Boolean).join('; '),
  ]
}
