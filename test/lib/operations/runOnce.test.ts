import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runOnce } from '../../../lib/operations/runOnce.ts'
import { Secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh.ts'
import { plans, refuses, settles } from '../../support/operations.ts'
import { sandboxOperation } from '../../support/sandbox.ts'

const want = { name: 'the old password is refused', version: 'm1', run: sh`true` }

plans(runOnce, {
  'was never done': ['never\n', want, ['done: absent -> once']],
  'was done with these values': ['m1\n', want, []],
  'was done with others': ['m0\n', want, ['done: with other values -> once']],
  'a failed probe is not "never"': [{ exitCode: 1, stderr: 'I/O error' }, want, /I\/O error/],
  'nothing printed is not "never"': ['', want, /the probe failed/],
})

settles(
  'what it is given comes to it, and it is done once',
  folder =>
    sandboxOperation(
      runOnce({
        ...want,
        run: sh`cat >>${`${folder}/given`}; echo >>${`${folder}/given`}`,
        stdin: new Secret("it's", 'stage/x'),
      }),
      folder,
    ),
  { after: folder => assert.is(readFileSync(join(folder, 'given'), 'utf8'), "it's\n") },
)

refuses(
  'what ended badly is not done',
  folder =>
    sandboxOperation(runOnce({ ...want, run: sh`echo 'still logs in' >&2; exit 3` }), folder),
  /still logs in/,
  { after: folder => assert.not(existsSync(join(folder, 'var/lib/brd/once'))) },
)

test.run()
