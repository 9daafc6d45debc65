import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
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

settles(
  'two names that differ in signs only are two proofs',
  folder =>
    ['a b', 'a/b', 'a-b', '..', 'a b'.repeat(90)].map(name =>
      sandboxOperation(
        runOnce({ ...want, name, run: sh`echo ${name} >>${`${folder}/done`}` }),
        folder,
      ),
    ),
  {
    after: folder => {
      assert.is(readFileSync(join(folder, 'done'), 'utf8').split('\n').length, 6)
      assert.is(readdirSync(join(folder, 'var/lib/brd/once')).length, 5)
      assert.ok(existsSync(join(folder, 'var/lib/brd/once/a-b')), 'a plain name keeps its file')
    },
  },
)

const marks = (folder: string) => join(folder, 'var/lib/brd/once')
for (const [title, before] of Object.entries({
  'a folder in its place': (folder: string) =>
    mkdirSync(join(marks(folder), 'proof'), { recursive: true }),
  'a symlink to nothing': (folder: string) => {
    mkdirSync(marks(folder), { recursive: true })
    symlinkSync('/nowhere/at all', join(marks(folder), 'proof'))
  },
  'a folder that is elsewhere and not mounted': (folder: string) => {
    mkdirSync(join(folder, 'var/lib'), { recursive: true })
    symlinkSync('/nowhere/at all', join(folder, 'var/lib/brd'))
  },
  'an empty proof': (folder: string) => {
    mkdirSync(marks(folder), { recursive: true })
    writeFileSync(join(marks(folder), 'proof'), '')
  },
}))
  refuses(
    `a proof that cannot be read is not "never": ${title}`,
    folder =>
      sandboxOperation(runOnce({ ...want, name: 'proof', run: sh`: >${`${folder}/ran`}` }), folder),
    /cannot be read/,
    { before, after: folder => assert.not(existsSync(join(folder, 'ran'))) },
  )

test.run()
