import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  parseCommandLine,
  parseFlags,
  splitNames,
  splitWords,
} from '../../../lib/cli/command-line.ts'
import { formatHelp } from '../../../lib/cli/help.ts'
import { InputError } from '../../../lib/errors/input-error.ts'
import { golden } from '../report/golden.ts'

const test = suite('command line')
const own = { cluster: { type: 'string', help: 'which cluster' } } as const

test('flags are read as they are typed, short and long', () => {
  const flags = parseFlags(
    [
      '-C',
      '--diff',
      '-l',
      'web:&stage',
      '-e',
      'a=1',
      '--extra-vars=@x.yaml',
      '-t',
      'a,b',
      '--cluster',
      '07',
    ],
    own,
  )
  assert.equal(
    { ...flags },
    {
      check: true,
      diff: true,
      limit: 'web:&stage',
      'extra-vars': ['a=1', '@x.yaml'],
      tags: ['a,b'],
      cluster: '07',
    },
  )
  assert.equal(splitWords(flags.tags), ['a', 'b'])
})

const rows: Record<string, [string[], RegExp]> = {
  'an unknown flag names the nearest': [
    ['--chekc'],
    /^--chekc: unknown flag\n {2}did you mean --check\?$/,
  ],
  'an unknown flag far from all': [['--zzzzzzzz'], /unknown flag\n {2}see --help/],
  "a flag of Ansible's says what replaces it": [
    ['--become'],
    /^--become: unknown flag\n {2}nothing to do: operations run as root/,
  ],
  'a short one too': [
    ['-u', 'root'],
    /^-u: unknown flag\n {2}set user in hosts\.yaml, or for this run: -e user=NAME$/,
  ],
  'which is not a long one of that letter': [['--u'], /^--u: unknown flag\n {2}see --help$/],
  'a stray word': [['--check', 'web1'], /^web1: unexpected argument/],
  'a missing value': [['--limit'], /--limit.*argument missing/],
  'an empty value, as of an unset variable': [
    ['--limit', ''],
    /^--limit: its value is empty\n {2}Is a variable of the shell not set\?/,
  ],
  'an empty one behind =': [['--tags='], /^--tags: its value is empty\n/],
  'a blank one': [['-i', '  '], /^--inventory: its value is empty\n/],
  "an empty one of the playbook's own": [['--cluster', ''], /^--cluster: its value is empty\n/],
  'a flag that is given twice': [['-l', 'a', '--limit', 'b'], /^--limit: is given twice\n/],
  "one of the playbook's own, twice": [
    ['--cluster', 'a', '--cluster=b'],
    /^--cluster: is given twice\n/,
  ],
  'a value where none is taken': [['--check=yes'], /--check/],
}
for (const [name, [args, expected]] of Object.entries(rows))
  test(name, () => {
    try {
      parseFlags(args, own)
      assert.unreachable()
    } catch (error) {
      assert.instance(error, InputError)
      assert.match((error as Error).message, expected)
    }
  })

test('what may be repeated is, what may be empty too, and what is on stays on', () => {
  const flags = parseFlags(['-e', 'a=1', '-e', 'b=2', '-v', '-v', '--text', ''], {
    text: { type: 'string', canBeEmpty: true, help: 'text' },
  } as const)
  assert.equal([flags['extra-vars'], flags.verbose, flags.text], [['a=1', 'b=2'], true, ''])
})

test('names that are none are refused: they would select everything', () => {
  assert.equal(splitNames('--tags', ['a,b', 'c']), ['a', 'b', 'c'])
  assert.equal(splitNames('--tags', undefined), [])
  for (const given of [[','], ['a', ' , ']])
    assert.throws(
      () => splitNames('--tags', given),
      /^--tags "[ ,]+": names nothing$|names nothing/,
    )
})

test('a flag that is not given has its default', () => {
  const own = {
    port: { type: 'string', default: '8080', help: 'port' },
    name: { type: 'string', help: 'name' },
  } as const
  const { port, name } = parseFlags([], own)
  assert.equal({ port, name }, { port: '8080', name: undefined })
  assert.is(parseFlags(['--port', '80'], own).port, '80')
})

test('help names each flag once, its own first', () => {
  const text = formatHelp('playbooks/x.ts', 'About.', own)
  assert.match(
    text,
    /^npx zx playbooks\/x\.ts \[flags\]\n\nAbout\.\n\n {6}--cluster … +which cluster\n/,
  )
  assert.is(text.match(/--check /g)?.length, 1)
})

test('golden help.txt', () =>
  golden('help.txt', formatHelp('playbooks/x.ts', 'About.', own, 'status | logs SERVICE')))

test('words beside the flags, for those who take some; behind -- all is a word', () => {
  const { flags, words } = parseCommandLine(
    ['exec', '--env', 'stage', 'php', '--', 'ls', '-la', '--env', 'x'],
    { env: { type: 'string', help: '' } },
    true,
  )
  assert.is(flags.env, 'stage')
  assert.equal(words, ['exec', 'php', 'ls', '-la', '--env', 'x'])
  assert.throws(
    () => parseCommandLine(['exec', '--evn', 'stage'], { env: { type: 'string', help: '' } }, true),
    /--evn: unknown flag\n {2}did you mean --env\?/,
  )
})

test('the usage names the words', () =>
  assert.match(
    formatHelp('playbooks/x.ts', '', {}, 'status | logs SERVICE'),
    /^npx zx playbooks\/x\.ts \[flags\] status \| logs SERVICE$/m,
  ))

test.run()
