/** The report as a table for people. Pure. */
import type { Measured, Other, Row } from './measurement.ts'

const columns = [
  '',
  'wall s',
  'CPU s',
  'MiB',
  'trips',
  'connect s',
  'load s',
  'raw: wall s',
  'CPU s',
  'tool/raw',
  'to reach',
  '',
]

/** The rows side by side with their titles. */
export const renderTable = (rows: readonly Row[]): string => {
  const cells = [columns, ...rows.map(renderCells)]
  const widths = columns.map((_, i) => Math.max(...cells.map(line => line[i]?.length ?? 0)))
  const side = (text: string, i: number) =>
    i === 0 || i >= 10 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)
  return cells.map(line => line.map(side).join('  ').trimEnd()).join('\n')
}

/** Other tools beside ours, in the same run, all as whole processes. */
export const renderComparison = (others: readonly Other[], rows: readonly Row[]): string =>
  others
    .map(({ work, by, measured }) => {
      const ours = rows.find(row => row.work === `${work}, by node`)?.tool
      if (!measured) return `${work}, ${by}: not measured`
      const times = ours
        ? `, ${(measured.seconds / ours.seconds).toFixed(1)} x ours ` +
          `(CPU ${(measured.cpu / ours.cpu).toFixed(1)} x)`
        : ''
      const [wall, cpu] = [measured.seconds, measured.cpu].map(figure => formatFigure(figure))
      return `${work}, ${by}: ${wall} s, ${cpu} s CPU${times}`
    })
    .join('\n')

const renderCells = ({ work, tool, raw, reach }: Row): string[] => [
  work,
  formatFigure(tool?.seconds),
  formatFigure(tool?.cpu),
  formatFigure(tool?.mebibytes, 0),
  formatFigure(tool?.trips, 0),
  formatFigure(tool?.connect),
  formatFigure(tool?.load?.seconds),
  formatFigure(raw?.seconds),
  formatFigure(raw?.cpu),
  tool && raw ? `${formatFigure(tool.seconds / raw.seconds)} x` : '-',
  describeTarget(reach),
  tool ? judgeRow(tool, reach, raw) : 'not measured',
]

const describeTarget = (reach: Row['reach']): string => {
  if (!reach) return '-'
  const { seconds, cpu, mebibytes, rawRatio } = reach
  return [
    `${seconds} s`,
    rawRatio && `${rawRatio} x raw`,
    cpu && `${cpu} s CPU`,
    mebibytes && `${mebibytes} MiB`,
  ]
    .filter(Boolean)
    .join(', ')
}

/**
 * What is short of the bar. The wall time may pass by the clock, or by its ratio to the raw script
 * of the same run: the machine may be busy.
 */
export const judgeRow = (tool: Measured, reach: Row['reach'], raw?: Measured): string => {
  if (!reach) return ''
  const inRatio =
    raw !== undefined &&
    reach.rawRatio !== undefined &&
    tool.seconds <= reach.rawRatio * raw.seconds
  const short = [
    tool.seconds > reach.seconds && !inRatio && 'wall',
    reach.cpu !== undefined && tool.cpu > reach.cpu && 'CPU',
    reach.mebibytes !== undefined && (tool.mebibytes ?? 0) > reach.mebibytes && 'memory',
  ].filter(Boolean)
  return short.length > 0 ? `short: ${short.join(', ')}` : 'reached'
}

const formatFigure = (value: number | undefined, digits = 2): string =>
  value === undefined ? '-' : value.toFixed(digits)

/** The measurement in the middle, by wall time; of an even number the quicker one. */
export const takeMedian = (all: readonly Measured[]): Measured | undefined =>
  [...all].sort((a, b) => a.seconds - b.seconds)[Math.floor((all.length - 1) / 2)]
