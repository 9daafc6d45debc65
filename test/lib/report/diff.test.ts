import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Diff } from '../../../lib/operation.ts'
import { chooseSymbol, formatDiff } from '../../../lib/report/diff.ts'
import { createPaint } from '../../../lib/report/style.ts'

const lines = (n: number, text = 'line'): string =>
  Array.from({ length: n }, (_, i) => `${text} ${i + 1}\n`).join('')

/** diff -> its symbol, and what is shown of it */
const rows: Record<string, [Diff, string, string[]]> = {
  'a property': [[{ key: 'mode', before: '600', after: '644' }], '~', ['~ mode: 600 -> 644']],
  'something made': [
    [
      { key: 'mode', before: null, after: '644' },
      { key: 'owner', before: null, after: 'root' },
    ],
    '+',
    ['+ mode: 644', '+ owner: root'],
  ],
  'something taken away': [
    [{ key: 'present', before: 'yes', after: null }],
    '-',
    ['- present: yes'],
  ],
  'a property added to what is there': [
    [
      { key: 'a', before: null, after: '1' },
      { key: 'b', before: '1', after: '2' },
    ],
    '~',
    ['+ a: 1', '~ b: 1 -> 2'],
  ],
  'an empty value is not an absent one': [
    [{ key: 'x', before: '', after: '1' }],
    '~',
    ['~ x: (empty) -> 1'],
  ],
  'no properties': [[], '~', []],
  'a text': [
    [{ key: 'content', before: 'a\nb\nc\n', after: 'a\nB\nc\n', text: true }],
    '~',
    ['~ content:', '  @@ -1,3 +1,3 @@', '   a', '  -b', '  +B', '   c'],
  ],
  'far apart changes are hunks of their own': [
    [
      {
        key: 'content',
        before: lines(30),
        after: lines(30).replace('line 1\n', 'LINE 1\n').replace('line 30\n', 'LINE 30\n'),
        text: true,
      },
    ],
    '~',
    [
      '~ content:',
      '  @@ -1,4 +1,4 @@',
      '  -line 1',
      '  +LINE 1',
      '   line 2',
      '   line 3',
      '   line 4',
      '  @@ -27,4 +27,4 @@',
      '   line 27',
      '   line 28',
      '   line 29',
      '  -line 30',
      '  +LINE 30',
    ],
  ],
  'a new text': [
    [{ key: 'content', before: null, after: 'a\nb', text: true }],
    '+',
    ['+ content:', '  +a', '  +b'],
  ],
  'a text taken away': [
    [{ key: 'content', before: 'a\n', after: null, text: true }],
    '-',
    ['- content:', '  -a'],
  ],
  'only the last line feed differs': [
    [{ key: 'content', before: 'a', after: 'a\n', text: true }],
    '~',
    ['~ content:', '  @@ -1,1 +1,1 @@', '  -a', '  \\ No newline at end of file', '  +a'],
  ],
  'several lines are a text also without the mark': [
    [{ key: 'x', before: null, after: 'a\nb\n' }],
    '+',
    ['+ x:', '  +a', '  +b'],
  ],
}

for (const [name, [diff, symbol, shown]] of Object.entries(rows))
  test(name, () => {
    assert.is(chooseSymbol(diff), symbol)
    assert.equal(formatDiff(diff, createPaint(false)), shown)
  })

test('a very long text is cut, and what is left out is counted', () => {
  const shown = formatDiff(
    [{ key: 'content', before: null, after: lines(1000), text: true }],
    createPaint(false),
  )
  assert.is(shown.length, 402)
  assert.is(shown.at(-1), '  … 600 more lines')
})

test.run()
