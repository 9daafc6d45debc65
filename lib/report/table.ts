import { words } from './labels.ts'
import type { HostState } from './state.ts'
import { type Mark, type Paint, wrapped } from './style.ts'

/** A row of the recap: a host, or several of which nothing is to be told. */
export type Row = { readonly name: string; readonly hosts: readonly HostState[] }

/** A column of the recap: a number of each host, and how it is shown. */
export type Column = {
  readonly title: string
  readonly mark: Mark
  readonly always: boolean
  readonly value: (host: HostState) => number
  readonly shown?: (n: number) => string
}

const counted = (is: keyof typeof words, always = false): Column => ({
  title: words[is][0],
  mark: words[is][1],
  always,
  value: host => host.counts[is],
})

/** A time that is narrow in a column. */
const seconds = (ms: number): string =>
  ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`

/**
 * The columns as Ansible users know them, of these rows. Those without `always` are there where
 * they say something.
 */
export const columns = (rows: readonly Row[], check: boolean): Column[] =>
  all(check).filter(column => column.always || rows.some(row => sum(column, row) > 0))

const all = (check: boolean): Column[] => [
  counted('ok', true),
  counted('changed', !check),
  counted('would-change', check),
  counted('unknown', check),
  counted('failed', true),
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
  counted('skipped'),
  counted('not-reached'),
  counted('in-flight'),
  { title: 'trips', mark: 'quiet', always: true, value: host => host.trips },
  { title: 'time', mark: 'quiet', always: true, value: host => host.ms ?? 0, shown: seconds },
]

/**
 * A table of the rows; where it is wider than the terminal, a paragraph for each row. Names are
 * never cut.
 */
export const table = (
  rows: readonly Row[],
  check: boolean,
  width: number,
  paint: Paint,
): string[] => {
  const used = columns(rows, check)
  const cells = rows.map(row => [row.name, ...used.map(column => cell(column, row))])
  const titles = ['', ...used.map(({ title }) => title)]
  const tall = titles.map(title => (title.includes(' ') ? title.split(' ') : ['', title]))
  const heads = [[titles], [0, 1].map(line => tall.map(words => words[line] ?? ''))]
  for (const head of heads) {
    const widths = titles.map((_, i) =>
      Math.max(...[...head, ...cells].map(line => (line[i] ?? '').length)),
    )
    if (widths.reduce((all, one) => all + one + 2, -2) > width) continue
    const lines = cells.map((line, r) =>
      layout(line, widths, (text, i) =>
        i === 0 ? paint(rowMark(rows[r]), text) : look(used[i - 1], rows[r], text, paint),
      ),
    )
    return [...head.map(line => layout(line, widths, text => paint('quiet', text))), ...lines]
  }
  return rows.flatMap(row => paragraph(row, used, width, paint))
}

/** The cells side by side, the first to the left and the numbers to the right. */
const layout = (
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

const paragraph = (row: Row, used: readonly Column[], width: number, paint: Paint): string[] => {
  const said = used
    .filter(column => column.title === 'ok' || sum(column, row) > 0)
    .map(column => (column.shown ? cell(column, row) : `${sum(column, row)} ${column.title}`))
  return [
    paint(rowMark(row), row.name),
    ...wrapped(said.join(', '), width - 4).map(line => `    ${line}`),
  ]
}

/** Of several hosts the time of the slowest and the most trips of one; of all else the sum. */
const sum = (column: Column, { hosts }: Row): number => {
  const values = hosts.map(column.value)
  return column.mark === 'quiet' && column.always
    ? Math.max(0, ...values)
    : values.reduce((all, one) => all + one, 0)
}

/** What a column says of a row. */
export const cell = (column: Column, row: Row): string => {
  const n = sum(column, row)
  return n === 0 ? '-' : (column.shown ?? String)(n)
}

const look = (
  column: Column | undefined,
  row: Row | undefined,
  text: string,
  paint: Paint,
): string => (column && row ? paint(sum(column, row) === 0 ? 'quiet' : column.mark, text) : text)

const rowMark = (row: Row | undefined): Mark =>
  row?.hosts.some(({ result }) => result === 'failed' || result === 'unreachable')
    ? 'bad'
    : 'strong'
