import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseStrictly } from '../../../lib/cli/command-line.ts'
import { formatRow } from '../../../lib/cli/help.ts'
import { formatScriptHelp } from '../../../lib/cli/script.ts'
import { InputError } from '../../../lib/errors/input-error.ts'

const flags = {
  env: { type: 'string', required: true, value: 'NAME', help: 'the environment' },
  all: { type: 'boolean', short: 'a', help: 'everything' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
} as const

test('shows the usage, commands, flags and notes of a script', () =>
  assert.is(
    formatScriptHelp({
      usage: ['scripts/x.ts COMMAND'],
      about: 'Does it.',
      commands: { 'set NAME': 'set one' },
      flags: { env: flags.env, all: flags.all },
      notes: ['See also.'],
    }),
    `npx zx scripts/x.ts COMMAND

Does it.

  set NAME                  set one

      --env NAME            the environment
  -a, --all                 everything
  -h, --help                show this help

See also.`,
  ))

test('wraps an explanation at 100 characters, below itself', () => {
  const rows = formatRow('--x', 'word '.repeat(30).trim())
  assert.is(rows.length, 3)
  for (const row of rows) assert.ok(row.length <= 100, row)
  assert.match(rows[1] ?? '', /^ {28}word/)
})

test('puts the explanation of a long name on the next line', () =>
  assert.equal(formatRow('--name-of-many-characters VALUE', 'help'), [
    '  --name-of-many-characters VALUE',
    `${' '.repeat(28)}help`,
  ]))

test('parses the flags and words of a script', () => {
  const { flags: given, words } = parseStrictly(['set', '--env', 'stage', '-a', 'x'], flags, true)
  assert.equal({ ...given }, { env: 'stage', all: true })
  assert.equal(words, ['set', 'x'])
})

const bad: Record<string, [args: string[], message: RegExp]> = {
  'a flag that is not the script’s own': [['--env', 'a', '--chekc'], /^--chekc: unknown flag\n/],
  'a misspelt flag': [['--evn', 'a'], /^--evn: unknown flag\n {2}did you mean --env\?$/],
  'a missing flag': [['set'], /^--env: is required\n {2}the environment$/],
}
for (const [name, [args, message]] of Object.entries(bad))
  test(`refuses ${name}`, () => {
    try {
      parseStrictly(args, flags, true)
      assert.unreachable()
    } catch (error) {
      assert.instance(error, InputError)
      assert.match((error as Error).message, message)
    }
  })

test('a missing flag does not hide --help', () =>
  assert.is(parseStrictly(['--help'], flags, true).flags.help, true))

test.run()
