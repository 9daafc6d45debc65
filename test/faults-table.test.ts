import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('docs/faults.md')
const root = fileURLToPath(new URL('..', import.meta.url))
const rows = readFileSync(`${root}docs/faults.md`, 'utf8')
  .split('\n')
  .filter(line => line.startsWith('| ') && !/^\| (?:fault|---)/.test(line))
  .map(line => line.split(/(?<!\\)\|/).map(cell => cell.trim()))

type Named = { readonly file: string; readonly title: string | null }

/** The files that a cell names, with the titles behind each: `test/a.test.ts: "one", "two"`. */
const readCell = (cell: string): Named[] => {
  const named: Named[] = []
  for (const [, file, title] of cell.matchAll(/(test\/[\w./-]+\.test\.ts)|"((?:[^"\\]|\\.)*)"/g))
    if (file) named.push({ file, title: null })
    else named.push({ file: named.at(-1)?.file ?? '', title: title ?? '' })
  return named
}

const simplify = (text: string): string => text.replace(/[’']|\\/g, '')

/** The parts of a title that a file must have, at least one: others come from its rows. */
const splitTitle = (title: string): string[] =>
  simplify(title)
    .split(/…|[:,]/)
    .map(part => part.trim())
    .filter(part => part.length >= 8)

test('every row says what is true now, and names its tests', () => {
  assert.ok(rows.length > 100)
  for (const row of rows) {
    assert.is(row.length, 5, row.join(' | '))
    assert.ok(row[2] && row[3], row.join(' | '))
    if (!/^-|^docs/.test(row[3] ?? ''))
      assert.ok(readCell(row[3] ?? '').length > 0, row.join(' | '))
  }
})

test('the tests that it names exist', () => {
  const missing = rows
    .flatMap(row => readCell(row[3] ?? ''))
    .filter(({ file, title }) => {
      if (!existsSync(`${root}${file}`)) return true
      const parts = splitTitle(title ?? '')
      const source = simplify(readFileSync(`${root}${file}`, 'utf8'))
      return title !== null && parts.length > 0 && !parts.some(part => source.includes(part))
    })
  assert.equal(missing, [])
})

test.run()
