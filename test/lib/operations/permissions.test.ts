import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { permissions } from '../../../lib/operations/permissions.ts'
import { plans, refuses, settles } from '../../support/operations.ts'

const path = '/srv/app'
const dir = 'directory|755|0|0|root|root|4096\n'
const want = { path, owner: 'app', group: 0, files: '640', directories: '750' } as const

plans(permissions, {
  'leaves what is right': [`${dir}.\n.\n.\n.\n`, want, []],
  'counts what differs, and names the first': [
    `${dir}3\n/srv/app\n/srv/app/a\n/srv/app/b?c\n.\n.\n.\n2\n/srv/app/a\n/srv/app/d\n1\n/srv/app/z\n.\n`,
    want,
    [
      'owner: otherwise: /srv/app, /srv/app/a, /srv/app/b?c -> app',
      'files: otherwise: /srv/app/a, /srv/app/d, /srv/app/z -> 640',
    ],
  ],
  'counts over several portions': [
    `${dir}4000\n/srv/app/a\n/srv/app/b\n/srv/app/c\n77\n/srv/app/z\n.\n`,
    { path, directories: '700' },
    ['directories: otherwise: /srv/app/a, /srv/app/b, /srv/app/c, 4074 more -> 700'],
  ],
  'does not take a missing folder for one that is right': [
    'absent\n',
    want,
    /no such file or folder: \/srv\/app/,
  ],
  'does not follow a symlink': [
    'symbolic link|777|0|0|root|root|4\n',
    want,
    /is a symlink: it is not followed/,
  ],
  'does not take a failed look for nothing': [
    { exitCode: 74, stdout: Buffer.from(dir), stderr: 'find: Permission denied' },
    want,
    /exit 74.*Permission denied/,
  ],
  'does not take a part of the answer for all of it': [`${dir}.\n.\n`, want, /the probe failed/],
})
test('bad options are errors at once', () => {
  for (const path of ['/etc', '/usr/bin', '/var/lib', '/var/lib/docker', '/home', '/tmp'] as const)
    assert.throws(() => permissions({ path, owner: 'root' }), /refused: packages own/)
  assert.throws(() => permissions({ path }), /an owner, a group or a mode is expected/)
  assert.throws(() => permissions({ path, owner: 'a b' }), /a name or a number/)
  assert.throws(() => permissions({ path, files: 'u=rw' }), /in octal/)
  assert.throws(() => permissions({ path, executables: '755' }), /together with `files`/)
  assert.throws(
    () => permissions({ path, files: '644', executables: '644' }),
    /lets the owner execute/,
  )
})

const tree = (folder: string) => {
  mkdirSync(`${folder}/t/a b`, { recursive: true, mode: 0o700 })
  for (const [name, mode] of [
    ['x', 0o600],
    ['a b/run', 0o744],
    ["a b/it's\n$1", 0o666],
    ['a b/right', 0o640],
  ] as const) {
    writeFileSync(`${folder}/t/${name}`, '')
    chmodSync(`${folder}/t/${name}`, mode)
  }
  writeFileSync(Buffer.from(`${folder}/t/no \xff text`, 'latin1'), '', { mode: 0o640 })
  writeFileSync(`${folder}/outside`, '', { mode: 0o600 })
  symlinkSync('../outside', `${folder}/t/link`)
}
const modes = (folder: string) =>
  ['outside', 't', 't/x', 't/a b', 't/a b/run', "t/a b/it's\n$1", 't/a b/right'].map(name =>
    (statSync(`${folder}/${name}`).mode & 0o7777).toString(8),
  )
const at = (folder: string) => `${folder}/t` as `/${string}`

settles(
  'modes of files and folders',
  folder => permissions({ path: at(folder), files: '640', directories: '2750' }),
  {
    before: tree,
    after: folder =>
      assert.equal(modes(folder), ['600', '2750', '640', '2750', '640', '640', '640']),
  },
)
settles(
  'modes of what can be executed',
  folder => permissions({ path: at(folder), files: '640', executables: '750' }),
  {
    before: tree,
    after: folder => assert.equal(modes(folder), ['600', '700', '640', '700', '750', '640', '640']),
  },
)
settles(
  'owner and group, and a set-id bit that they take away',
  folder =>
    permissions({
      path: at(folder),
      owner: 'nobody',
      group: 65534,
      files: '640',
      executables: '4750',
    }),
  {
    before: folder => {
      tree(folder)
      chmodSync(`${folder}/t/a b/run`, 0o4750)
    },
    after: folder => {
      assert.equal(modes(folder), ['600', '700', '640', '700', '4750', '640', '640'])
      for (const name of ['t', 't/x', 't/a b', 't/a b/run'])
        assert.equal(
          [statSync(`${folder}/${name}`).uid, statSync(`${folder}/${name}`).gid],
          [65534, 65534],
        )
      assert.equal([lstatSync(`${folder}/t/link`).uid, statSync(`${folder}/outside`).uid], [0, 0])
    },
  },
)
settles(
  'folders with a set-id bit that is not wanted',
  folder => permissions({ path: at(folder), directories: '755' }),
  {
    before: folder => {
      mkdirSync(at(folder))
      chmodSync(at(folder), 0o2755)
    },
    after: folder => assert.is(statSync(at(folder)).mode & 0o7777, 0o755),
  },
)
settles('one file', folder => permissions({ path: at(folder), files: '600', group: 'nogroup' }), {
  before: folder => {
    writeFileSync(at(folder), '')
    chownSync(at(folder), 65534, 0)
  },
  after: folder =>
    assert.equal(
      [statSync(at(folder)).mode & 0o7777, statSync(at(folder)).uid, statSync(at(folder)).gid],
      [0o600, 65534, 65534],
    ),
})
refuses(
  'a folder that is not there',
  folder => permissions({ path: at(folder), files: '600' }),
  /no such file or folder/,
)
refuses(
  'a symlink',
  folder => permissions({ path: at(folder), files: '600' }),
  /is a symlink: it is not followed/,
  {
    before: folder => symlinkSync('/etc', at(folder)),
  },
)
refuses(
  'a user that is not there',
  folder => permissions({ path: at(folder), owner: 'brd-nobody' }),
  /brd-nobody/,
  { before: tree },
)

test.run()
