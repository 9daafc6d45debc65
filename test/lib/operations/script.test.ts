import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { script } from '../../../lib/operations/script.ts'
import { sh } from '../../../lib/sh.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'

const here = mkdtempSync(join(tmpdir(), 'brd-scripts-'))
test.after(() => rmSync(here, { recursive: true }))
const local = (name: string, text: string) => {
  writeFileSync(join(here, name), text)
  return pathToFileURL(join(here, name))
}
const source = local(
  'import.sh',
  '#!/bin/sh\necho "$@" >"$TO"\nhere=$(dirname "$0")\necho "$here" >>"$TO"\n',
)

plans(script, {
  'runs where what it creates is absent': [
    'due\n',
    { source, creates: '/x' },
    ['/x: absent -> made by "import.sh"'],
  ],
  'leaves what is made': ['done\n', { source, creates: '/x' }, []],
  'runs where the look says so': [
    'due\n',
    { source, args: ['-a', 'b'], unless: sh`test -e /x` },
    ['run: absent -> import.sh -a b'],
  ],
  'a failed look is unknown': [
    { exitCode: 2, stderr: 'grep: f: No such file' },
    { source, unless: sh`grep x f` },
    /No such file/,
  ],
})

test('it runs by what its first line names, otherwise by sh', () => {
  const runs = (text: string) => {
    const plan = script({ source: local('one', text), creates: '/x' }).decide(
      makeOutput('due\n'),
      nothingPending,
    ) as Change
    return /^(.*) "\$SCRIPT" $/m.exec(plan.apply.text)?.[1]
  }
  assert.is(runs('#!/usr/bin/env -S perl -w\n'), "/usr/bin/env '-S perl -w'")
  assert.is(runs('#! /bin/bash\n'), '/bin/bash')
  assert.is(runs('echo\n'), 'sh')
})
test('a script that is not there is an error at once', () =>
  assert.throws(() => script({ source: new URL('file:///nowhere/x.sh'), creates: '/x' }), /ENOENT/))
test('its arguments are part of its name', () =>
  assert.is(script({ source, args: ['a'], creates: '/x' }).id, 'script import.sh a'))

settles(
  'a script',
  folder =>
    script({
      source,
      args: ["it's", '$1'],
      creates: `${folder}/made`,
      environment: { TO: `${folder}/made` },
    }),
  {
    after: folder => {
      const [said, there = ''] = readFileSync(`${folder}/made`, 'utf8').split('\n')
      assert.is(said, "it's $1")
      assert.not(existsSync(there), 'nothing of it stays')
    },
  },
)
settles('a script that is due no more', folder => script({ source, removes: `${folder}/old` }))
refuses(
  'a script that fails',
  folder =>
    script({
      source: local('bad.sh', 'echo "no such table" >&2\nexit 4\n'),
      creates: `${folder}/made`,
    }),
  /exit 4.*no such table/,
)

test.run()
