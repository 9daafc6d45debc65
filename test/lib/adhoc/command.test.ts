import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { buildCommand, splitAtDashes } from '../../../lib/adhoc/command.ts'

const rows: Record<string, [string[], string | RegExp]> = {
  'one word is a line for the shell': [['df -h / | tail -n 1'], 'df -h / | tail -n 1'],
  'several are a program and its arguments': [
    ['echo', 'a b', "it's", '$HOME', '--', '-x'],
    `echo 'a b' 'it'\\''s' '$HOME' -- -x`,
  ],
  'nothing is behind it': [[], /a command is required after it/],
  'only spaces are': [[' '], /a command is required after it/],
}
for (const [title, [words, expected]] of Object.entries(rows))
  test(title, () =>
    expected instanceof RegExp
      ? assert.throws(() => buildCommand(words), expected)
      : assert.is(buildCommand(words).text, expected),
  )

test('the command begins behind the first --', () => {
  assert.equal(splitAtDashes(['all', '--lab', '--', 'grep', '--', 'x']), {
    before: ['all', '--lab'],
    command: ['grep', '--', 'x'],
  })
  assert.equal(splitAtDashes(['all', '--op', 'file']), {
    before: ['all', '--op', 'file'],
    command: null,
  })
})

test.run()
