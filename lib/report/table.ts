import { labels } from './outcome-labels.ts'
import type { HostState } from './run-state.ts'
import { type Mark, type Paint, wrapText } from './style.ts'

/** A row of the recap: a host, or several uneventful ones. */
export type TableRow = { readonly name: string; readonly hosts: readonly HostState[] }

/** A column of the recap: a number for each host, and its format. */
export type TableColumn = {
  readonly title: string
  readonly mark: Mark
  readonly always: boolean
  readonly value: (host: HostState) => number
  readonly shown?: (n: number) => string
}

const countColumn = (is: keyof typeof labels, always = false): TableColumn => ({
  title: labels[is][0],
  mark: labels[is][1],
  always,
  value: host => host.counts[is],
})

/** Formats a time for a narrow column. */
const formatSeconds = (ms: number): string =>
  ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`

/** Chooses the columns for these rows. One without `always` appears only if it has a value. */
export const chooseColumns = (rows: readonly TableRow[], check: boolean): TableColumn[] =>
  listColumns(check).filter(column => column.always || rows.some(row => sumColumn(column, row) > 0))

const listColumns = (check: boolean): TableColumn[] => [
  countColumn('ok', true),
  countColumn('changed', !check),
  countColumn('would-change', check),
  countColumn('unknown', check),
  countColumn('failed', true),
  {
    title: 'unreachable',
    mark: 'bad',
    always: false,
    value: host => (host.result === 'unreachable' ? 1 : 0),
  },
  {
    title: 'interrupted',
    mark: 'unsure',
    always: false,
    value: host => (host.result === 'interrupted' ? 1 : 0),
  },
  {
    title: 'not begun',
    mark: 'quiet',
    always: false,
    value: host => (host.result === 'not-begun' ? 1 : 0),
  },
  countColumn('skipped'),
  countColumn('not-reached'),
  countColumn('in-flight'),
  { title: 'trips', mark: 'quiet', always: true, value: host => host.trips },
  { title: 'time', mark: 'quiet', always: true, value: host => host.ms ?? 0, shown: formatSeconds },
]

/**
 * Formats the rows as a table, or as a paragraph each if it would be wider than the terminal. Names
 * are never cut.
 */
export const formatTable = (
  rows: readonly TableRow[],
  check: boolean,
  width: number,
  paint: Paint,
): string[] => {
  const used = chooseColumns(rows, check)
  const cells = rows.map(row => [row.name, ...used.map(column => formatCell(column, row))])
  const titles = ['', ...used.map(({ title }) => title)]
  const tall = titles.map(title => (title.includes(' ') ? title.split(' ') : ['', title]))
  const heads = [[titles], [0, 1].map(line => tall.map(words => words[line] ?? ''))]
  for (const head of heads) {
    const widths = titles.map((_, i) =>
      Math.max(...[...head, ...cells].map(line => (line[i] ?? '').length)),
    )
    if (widths.reduce((all, one) => all + one + 2, -2) > width) continue
    const lines = cells.map((line, r) =>
      joinCells(line, widths, (text, i) =>
        i === 0 ? paint(chooseMark(rows[r]), text) : paintCell(used[i - 1], rows[r], text, paint),
      ),
    )
    return [...head.map(line => joinCells(line, widths, text => paint('quiet', text))), ...lines]
  }
  return rows.flatMap(row => formatParagraph(row, used, width, paint))
}

/** Joins the cells of a row, the first left-aligned and the numbers right-aligned. */
const joinCells = (
  cells: readonly string[],
  widths: readonly number[],
  look: (text: string, i: number) => string,
): string =>
  cells
    .map((text, i) =>
      look(i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0), i),
    )
    .join('  ')
    .trimEnd()

const formatParagraph = (
  row: TableRow,
  used: readonly TableColumn[],
  width: number,
  paint: Paint,
): string[] => {
  const said = used
    .filter(column => column.title === 'ok' || sumColumn(column, row) > 0)
    .map(column =>
      column.shown ? formatCell(column, row) : `${sumColumn(column, row)} ${column.title}`,
    )
  return [
    paint(chooseMark(row), row.name),
    ...wrapText(said.join(', '), width - 4).map(line => `    ${line}`),
  ]
}

/** Sums a column over the hosts of a row; for time and trips, takes the largest. */
const sumColumn = (column: TableColumn, { hosts }: TableRow): number => {
  const values = hosts.map(column.value)
  return column.mark === 'quiet' && column.always
    ? Math.max(0, ...values)
    : values.reduce((all, one) => all + one, 0)
}

/** Formats the cell of a column in a row. */
export const formatCell = (column: TableColumn, row: TableRow): string => {
  const n = sumColumn(column, row)
  return n === 0 ? '-' : (column.shown ?? String)(n)
}

const paintCell = (
  column: TableColumn | undefined,
  row: TableRow | undefined,
  text: string,
  paint: Paint,
): string =>
  column && row ? paint(sumColumn(column, row) === 0 ? 'quiet' : column.mark, text) : text

const chooseMark = (row: TableRow | undefined): Mark =>
  row?.hosts.some(({ result }) => result === 'failed' || result === 'unreachable')
    ? 'bad'
    : 'strong'
