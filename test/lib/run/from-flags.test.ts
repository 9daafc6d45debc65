import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseFlags } from '../../../lib/cli/command-line.ts'
import { InputError } from '../../../lib/errors/input-error.ts'
import { readRunFlags } from '../../../lib/run/from-flags.ts'

const test = suite('the flags of a run')
const of = (...args: string[]) => readRunFlags(parseFlags(args, {}))

test('what they say', () => {
  assert.equal(of(), { mode: 'apply', forks: 50, selection: { only: [], not: [] } })
  assert.equal(
    of(
      '-f',
      '5',
      '--serial',
      '1,30%',
      '--max-fail',
      '0',
      '-t',
      'a,b',
      '--skip-tags',
      'c',
      '--start-at',
      'file /x',
    ),
    {
      mode: 'apply',
      forks: 5,
      selection: { only: ['a', 'b'], not: ['c'], startAt: 'file /x' },
      serial: [1, '30%'],
      maxFail: 0,
    },
  )
})

test('one host at a time', () => assert.is(of('-f', '1').forks, 1))

test('the mode: --list-tasks before --check', () => {
  const modes = [of(), of('-C'), of('--list-tasks'), of('-C', '--list-tasks')]
  assert.equal(
    modes.map(({ mode }) => mode),
    ['apply', 'check', 'list', 'list'],
  )
})

const bad: Record<string, [args: string[], says: RegExp]> = {
  'no number of forks': [['-f', '0'], /^--forks 0: is not a number of hosts/],
  'a number and more': [['-f', '5x'], /^--forks 5x: /],
  'more and a number': [['-f', 'x5'], /^--forks x5: /],
  'no tag at all': [['-t', ','], /^--tags ",": names nothing/],
  'no tag to skip': [['--skip-tags', ','], /^--skip-tags ",": names nothing/],
  'no size of a batch': [
    ['--serial', '1,x'],
    /^--serial x: must be a number of hosts \(at least 1\) or a percentage such as 30%/,
  ],
  'a share over all': [['--max-fail', '101%'], /^--max-fail 101%: /],
  'steps where nobody can be asked': [['--step'], /^--step: nobody can be asked here\n {2}Give -y/],
  'a plan that is made outside check mode': [
    ['--plan-out', 'x'],
    /^--plan-out: a plan is made in check mode\n {2}Give --check too/,
  ],
  'a plan that is made and kept to': [
    ['-C', '--plan-out', 'x', '--plan', 'y'],
    /makes a plan or keeps to one, not both/,
  ],
  'a plan of nothing read': [['-C', '--plan-out', 'x', '--list-tasks'], /nothing is read/],
}
for (const [title, [args, says]] of Object.entries(bad))
  test(title, () => {
    assert.throws(
      () => of(...args),
      (error: Error) => error instanceof InputError && says.test(error.message),
    )
  })

test('steps that nobody is asked about', () => {
  assert.is(of('--step', '-y').forks, 50)
  assert.is(of('--step', '--check').forks, 50)
})

test.run()
