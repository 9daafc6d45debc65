import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { command } from '../../../lib/operations/command.ts'
import { Secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'

const run = sh`make it`

plans(command, {
  'runs where what it creates is absent': [
    'due\n',
    { run, creates: '/x' },
    ['/x: absent -> made by "make it"'],
  ],
  'leaves what is made': ['done\n', { run, creates: '/x' }, []],
  'runs where what it removes is there': ['due\n', { run, removes: '/x' }, ['/x: there -> absent']],
  'runs where the look says so': [
    'due\n',
    { run, unless: sh`test -e /x` },
    ['run: absent -> make it'],
  ],
  'a look that fails is not "to be run"': [
    { exitCode: 127, stderr: 'sh: tset: not found' },
    { run, unless: sh`tset` },
    /look of `unless` failed.*tset: not found/,
  ],
  'a failed probe is unknown': [
    { exitCode: 74, stderr: 'Permission denied' },
    { run, creates: '/x' },
    /Permission denied/,
  ],
  'an empty answer is unknown': ['', { run, creates: '/x' }, /the probe failed/],
})

test('one of creates, removes and unless is asked for by the compiler', () => {
  // @ts-expect-error none
  const none: Parameters<typeof command>[0] = { run }
  // @ts-expect-error two
  const two: Parameters<typeof command>[0] = { run, creates: '/x', removes: '/y' }
  assert.ok(none && two)
})
test('bad options are errors at once', () => {
  assert.throws(() => command({ run: sh` `, creates: '/x' }), /a command is expected/)
  assert.throws(() => command({ run, creates: '/x/' }), /absolute path/)
  assert.throws(() => command({ run, creates: '/x', user: 'a b' }), /not a user's/)
  assert.throws(
    () => command({ run, creates: '/x', environment: { 'a b': '' } }),
    /not a variable's name/,
  )
})
test('it is told from others by its name, otherwise by its text', () => {
  assert.is(command({ run, creates: '/x' }).id, 'command make it')
  assert.is(command({ run, creates: '/x', name: 'the thing' }).id, 'command the thing')
})
test('a secret is its stdin, and in no fragment', () => {
  const plan = command({ run, creates: '/x', stdin: new Secret('hunter2', 'x') }).decide(
    makeOutput('due\n'),
    nothingPending,
  ) as Change
  assert.instance(plan.stdin, Secret)
  assert.not.match(JSON.stringify(plan) + plan.apply.text, 'hunter2')
})

settles(
  'what it creates',
  folder =>
    command({
      run: sh`echo "$A" >made`,
      creates: `${folder}/made`,
      chdir: folder,
      environment: { A: "it's $1" },
    }),
  {
    after: folder => assert.is(readFileSync(`${folder}/made`, 'utf8'), "it's $1\n"),
  },
)
settles(
  'as the one who is logged in: nobody has to be root for that',
  folder =>
    command({
      run: sh`id -un >made`,
      creates: `${folder}/made`,
      chdir: folder,
      user: 'root',
      environment: { A: 'b' },
    }),
  {
    tools: { runuser: 'exit 9', getent: 'exec /usr/bin/getent "$@"' },
    after: folder => assert.is(readFileSync(`${folder}/made`, 'utf8'), 'root\n'),
  },
)
settles('what is there already', folder => command({ run: sh`false`, creates: `${folder}/made` }), {
  before: folder => writeFileSync(`${folder}/made`, ''),
})
settles(
  'what it removes',
  folder => command({ run: sh`rm ${folder}/old`, removes: `${folder}/old` }),
  {
    before: folder => writeFileSync(`${folder}/old`, ''),
    after: folder => assert.not(existsSync(`${folder}/old`)),
  },
)
settles(
  'what a look finds, in the same folder',
  folder =>
    command({ run: sh`cat >>f`, unless: sh`grep -qx two f`, chdir: folder, stdin: 'two\n' }),
  {
    before: folder => writeFileSync(`${folder}/f`, 'one\n'),
    after: folder => assert.is(readFileSync(`${folder}/f`, 'utf8'), 'one\ntwo\n'),
  },
)
refuses(
  'a command that does not make it',
  folder => command({ run: sh`:`, creates: `${folder}/made` }),
  /applied, exit 0, and still differs/,
)
refuses(
  'a command that fails',
  folder => command({ run: sh`echo 'out of cake' >&2; exit 3`, creates: `${folder}/made` }),
  /exit 3.*out of cake/,
)
refuses(
  'a folder that is not there',
  folder => command({ run: sh`:`, unless: sh`false`, chdir: `${folder}/no` }),
  /cannot be read/,
)

test.run()
