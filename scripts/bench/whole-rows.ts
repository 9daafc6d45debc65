/** What a user waits for: whole processes, Node's start and npx's included. */
import type { Checkout } from './checkout.ts'
import type { BenchJob } from './jobs.ts'
import type { Measured, Row } from './measurement.ts'
import { showStep } from './progress.ts'
import { ENOUGH, type Left } from './rows.ts'
import { judgeRow, takeMedian } from './table.ts'
import { wholeReaches } from './targets.ts'

/** Measures each job so many times, after one run that is not counted: it compiles the script. */
export const measureWholeRows = async (
  jobs: readonly BenchJob[],
  checkout: Checkout,
  times: number,
  left: Left,
): Promise<Row[]> => {
  const rows: Row[] = []
  for (const job of jobs) rows.push(await measureRow(job, checkout, times, left))
  return rows
}

const measureRow = async (
  { work: title, by, measure }: BenchJob,
  checkout: Checkout,
  times: number,
  left: Left,
) => {
  const work = `${title}, by ${by}`
  const reach = wholeReaches[work]
  const taken: Measured[] = []
  const problems: string[] = []
  try {
    if (left() > ENOUGH) await measure(checkout, left)
    for (let n = 1; n <= times && left() > ENOUGH; n++) {
      showStep(`${work}: ${n} of ${times}`)
      taken.push(await measure(checkout, left))
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  }
  const tool = takeMedian(taken)
  return { work, problems, ...(tool && { tool }), ...(reach && { reach }) }
}

/** The rows as a table for people. Pure. */
export const renderWholeTable = (rows: readonly Row[]): string => {
  const cells = [
    ['whole process', 'wall s', 'CPU s', 'MiB', 'to reach', ''],
    ...rows.map(renderCells),
  ]
  const width = Math.max(...cells.map(([work = '']) => work.length))
  return cells
    .map(([work = '', wall = '', cpu = '', memory = '', reach = '', mark = '']) =>
      [
        work.padEnd(width),
        wall.padStart(7),
        cpu.padStart(7),
        memory.padStart(5),
        reach.padEnd(24),
        mark,
      ]
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const renderCells = ({ work, tool, reach }: Row): string[] => [
  work,
  tool?.seconds.toFixed(2) ?? '-',
  tool?.cpu.toFixed(2) ?? '-',
  tool?.mebibytes?.toFixed(0) ?? '-',
  reach
    ? [
        `${reach.seconds} s`,
        reach.cpu && `${reach.cpu} s CPU`,
        reach.mebibytes && `${reach.mebibytes} MiB`,
      ]
        .filter(Boolean)
        .join(', ')
    : '-',
  tool ? judgeRow(tool, reach) : 'not measured',
]
