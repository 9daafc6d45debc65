import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { directory } from '../../../lib/operations/directory.ts'
import { plans, refuses, settles } from '../../support/operations.ts'

const path = '/srv/data'
const entry = (type: string, mode = '755', owner = 'root') =>
  `${type}|${mode}|0|0|${owner}|root|4096\n`

plans(directory, {
  'makes what is absent': [
    'absent\n',
    { path },
    [
      'type: absent -> directory',
      'mode: absent -> 755',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'leaves what is right': [entry('directory'), { path }, []],
  'puts right the mode and the owner': [
    entry('directory', '700', 'www-data'),
    { path },
    ['mode: 700 -> 755', 'owner: www-data -> root'],
  ],
  'does not replace a file': [
    entry('regular empty file'),
    { path },
    /is a file, and a folder is wanted/,
  ],
  'does not follow a symlink': [
    entry('symbolic link'),
    { path },
    /is a symlink, and a folder is wanted/,
  ],
  'does not take a failed probe for absent': [
    { exitCode: 74, stderr: 'stat: Input/output error' },
    { path },
    /Input\/output error/,
  ],
  'does not take an empty answer for absent': ['', { path }, /the probe failed/],
})

const is =
  (mode: number, uid = 0) =>
  (folder: string) => {
    const { mode: found, uid: owner } = statSync(`${folder}/a/b`)
    assert.equal([found & 0o7777, owner], [mode, uid])
  }
const a = (folder: `/${string}`) => `${folder}/a/b` as const

settles(
  'a new folder, and the one above it',
  folder => directory({ path: a(folder), mode: '2750' }),
  {
    after: folder => {
      is(0o2750)(folder)
      assert.is(statSync(`${folder}/a`).mode & 0o7777, 0o755)
    },
  },
)
settles(
  'a folder with other rights',
  folder => directory({ path: a(folder), mode: '750', owner: 'nobody' }),
  {
    before: folder => {
      mkdirSync(a(folder), { recursive: true })
      chmodSync(a(folder), 0o777)
    },
    after: is(0o750, 65534),
  },
)
settles(
  'a folder that has a set-id bit from the folder above it',
  folder => directory({ path: `${folder}/shared/new` }),
  {
    before: folder => {
      mkdirSync(`${folder}/shared`)
      chmodSync(`${folder}/shared`, 0o2775)
    },
    after: folder => assert.is(statSync(`${folder}/shared/new`).mode & 0o7777, 0o755),
  },
)
refuses('a folder where a file is', folder => directory({ path: `${folder}/f` }), /is a file/, {
  before: folder => writeFileSync(`${folder}/f`, ''),
})
refuses(
  'a folder where a symlink is',
  folder => directory({ path: `${folder}/f` }),
  /is a symlink/,
  {
    before: folder => symlinkSync('/etc', `${folder}/f`),
  },
)

test.run()
