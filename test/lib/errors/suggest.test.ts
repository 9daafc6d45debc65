import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatSuggestion, suggest } from '../../../lib/errors/suggest.ts'

const known = ['address', 'port', 'timezone', 'user']
const rows: [string, string | null][] = [
  ['adress', 'address'],
  ['ADDRESS', 'address'],
  ['prot', 'port'],
  ['usr', 'user'],
  ['tmezon', 'timezone'],
  ['tmzn', null],
  ['pt', null],
  ['', null],
]
for (const [typed, meant] of rows)
  test(typed || 'nothing', () => assert.is(suggest(typed, known), meant))

test('the end of a sentence', () => {
  assert.is(formatSuggestion('prot', known), '; did you mean "port"?')
  assert.is(formatSuggestion('zzz', known), '')
})

test.run()
