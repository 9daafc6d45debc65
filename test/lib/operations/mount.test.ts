import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { nameUnit } from '../../../lib/operations/mount/unit.ts'
import { type Mount, mount } from '../../../lib/operations/mount.ts'
import { skip } from '../../../scripts/test/skip.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'
import { settlesPartOfFile } from '../../support/settles-matrix.ts'

const want = { path: '/data', device: 'tmpfs', type: 'tmpfs', options: 'nosuid,size=64m' } as const
const line = 'tmpfs /data tmpfs nosuid,size=64m 0 0'
const live = 'tmpfs\ntmpfs\nrw,nosuid,relatime,rw,size=65536k\nsame\n'

test("a path has the name of systemd's unit", () =>
  assert.equal(
    ['/srv/a-b', '/', '/.x/y z', '/mnt/ä_1:2.d'].map(path => nameUnit(path, 'mount')),
    ['srv-a\\x2db.mount', '-.mount', '\\x2ex-y\\x20z.mount', 'mnt-\\xc3\\xa4_1:2.d.mount'],
  ))

plans(mount, {
  'mounts and keeps': [
    'end\nnot mounted\n',
    want,
    ['mounted: absent -> tmpfs', `fstab: absent -> ${line}`],
  ],
  'leaves what is right': [`${line}\nend\n${live}`, want, []],
  'a size that the kernel rounds up': [
    'tmpfs /data tmpfs size=5000 0 0\nend\ntmpfs\ntmpfs\nrw,relatime,rw,size=8k\nsame\n',
    { ...want, options: 'size=5000' },
    [],
  ],
  'reads tabs and missing numbers': [`tmpfs\t/data  tmpfs nosuid,size=64m\nend\n${live}`, want, []],
  'keeps what is mounted by hand': [`end\n${live}`, want, [`fstab: absent -> ${line}`]],
  'mounts what is in the table': [
    `${line}\nend\nnot mounted\n`,
    want,
    ['mounted: absent -> tmpfs'],
  ],
  'mounts with other options': [
    `${line}\nend\ntmpfs\ntmpfs\nrw,relatime,rw,size=32768k\nsame\n`,
    want,
    ['options: suid,size=32768k -> nosuid,size=64m'],
  ],
  'mounts another type': [
    `${line}\nend\nnone\nramfs\nrw,nosuid,rw,size=64m\nsame\n`,
    want,
    ['type: ramfs -> tmpfs'],
  ],
  'puts another in its place': [
    `${line}\nend\n/dev/sdb\next4\nrw,rw\nother\n`,
    want,
    ['mounted: /dev/sdb -> tmpfs'],
  ],
  'options that the kernel does not tell are not compared': [
    '/dev/sdb1 /data ext4 defaults,nofail 0 2\nend\n/dev/sdb1\next4\nrw,relatime,rw\nsame\n',
    { path: '/data', device: '/dev/sdb1', type: 'ext4', options: 'defaults,nofail', passno: 2 },
    [],
  ],
  'the type of a bind mount is that of what is bound': [
    '/srv /data none bind,ro 0 0\nend\n/dev/sdb1\next4\nro,relatime,rw\nsame\n',
    { path: '/data', device: '/srv', type: 'none', options: 'bind,ro' },
    [],
  ],
  'a unit of systemd comes before the table': [
    `${line}\nend\nunit /etc/systemd/system/data.mount\n${live}`,
    want,
    /systemd reads \/etc\/systemd\/system\/data\.mount instead of the table/,
  ],
  'what is mounted on demand is right if that is wanted': [
    'tmpfs /data tmpfs x-systemd.automount 0 0\nend\nsystemd-1\nautofs\nrw,relatime,rw\nother\n',
    { ...want, options: 'x-systemd.automount' },
    [],
  ],
  'what is mounted on demand is never unmounted for another': [
    `${line}\nend\nsystemd-1\nautofs\nrw,relatime,rw\nother\n`,
    want,
    /is mounted on demand \(autofs\): .* or stop data\.automount/,
  ],
  'the table alone': [
    'end\nnot mounted\n',
    { ...want, state: 'present' },
    [`fstab: absent -> ${line}`],
  ],
  'unmounts and leaves the table': [
    `${line}\nend\n${live}`,
    { path: '/data', state: 'unmounted' },
    ['mounted: tmpfs -> absent'],
  ],
  'unmounts and takes it out of the table': [
    `${line}\nend\n${live}`,
    { path: '/data', state: 'absent' },
    ['mounted: tmpfs -> absent', `fstab: ${line} -> absent`],
  ],
  'leaves what is absent': ['end\nnot mounted\n', { path: '/data', state: 'absent' }, []],
  'does not take an empty answer for absent': ['', want, /the probe failed/],
  'does not take half an answer for not mounted': ['end\n', want, /the probe failed/],
  'a failed probe is unknown': [{ exitCode: 74, stderr: 'awk: I/O error' }, want, /I\/O error/],
})

const apply = (printed: string, want: Mount) =>
  (mount(want).decide(makeOutput(printed), nothingPending) as Change).apply.text
test('other options are a remount, another source is not', () => {
  assert.match(
    apply(`${line}\nend\ntmpfs\ntmpfs\nrw,rw,size=64m\nsame\n`, want),
    /mount -o remount,nosuid,size=64m \/data/,
  )
  assert.match(
    apply(`${line}\nend\n/dev/sdb\next4\nrw,rw\nother\n`, want),
    /umount \/data \|\| exit 1\nmount -t tmpfs/,
  )
})
test('a mount comes before its row in the table: a mistake must not stop a boot', () => {
  const text = apply('end\nnot mounted\n', want)
  assert.ok(text.indexOf('mount -t') < text.indexOf('/etc/fstab'))
})
test('bad options are errors at once', () => {
  assert.throws(() => mount({ ...want, options: 'a, b' }), /is not a list of options/)
  assert.throws(() => mount({ ...want, type: 'ext 4' }), /not a file system type/)
  assert.throws(() => mount({ ...want, device: '' }), /is not a device/)
  assert.throws(() => mount({ ...want, path: '/data/' }), /absolute path/)
  assert.throws(
    () => mount({ ...want, type: 'cifs', options: 'ro,password=hunter2' }),
    /options: every user of the host could read the password in them\n.*credentials=FILE/,
  )
})

settles(
  'a path with a backslash and a tab is unmounted',
  folder => mount({ path: `${folder}/x\\x2d\ty`, state: 'unmounted', fstab: `${folder}/fstab` }),
  {
    before: folder => {
      mkdirSync(`${folder}/x\\x2d\ty`)
      try {
        execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', `${folder}/x\\x2d\ty`], { stdio: 'pipe' })
      } catch {
        skip('nothing can be mounted here: a path with a backslash')
      }
    },
    after: folder => assert.not.match(readFileSync('/proc/self/mountinfo', 'utf8'), folder),
  },
)
settles(
  'a row of the table with a slash at the end of its path is the same',
  folder => mount({ ...want, state: 'present', options: 'ro', fstab: `${folder}/fstab` }),
  {
    before: folder => writeFileSync(`${folder}/fstab`, 'tmpfs /data/ tmpfs rw 0 0\n'),
    after: folder =>
      assert.is(readFileSync(`${folder}/fstab`, 'utf8'), 'tmpfs /data tmpfs ro 0 0\n'),
  },
)

const fstab = (folder: `/${string}`) => `${folder}/fstab` as const
const rest = '# /etc/fstab\nUUID=1 / ext4 defaults 0 1\n/swapfile none swap sw 0 0\n'
settlesPartOfFile(
  'a line of the table',
  folder => mount({ ...want, state: 'present', fstab: fstab(folder) }),
  {
    at: fstab,
    missing: rest,
    right: `${rest}${line}\n`,
    wrong: `${rest}tmpfs /data tmpfs defaults 0 0\n`,
  },
)
settles(
  'a table that is not there, and blanks in names',
  folder =>
    mount({
      path: '/my data',
      device: '//nas/my share',
      type: 'cifs',
      state: 'present',
      fstab: fstab(folder),
    }),
  {
    after: folder =>
      assert.is(
        readFileSync(fstab(folder), 'utf8'),
        '//nas/my\\040share /my\\040data cifs defaults 0 0\n',
      ),
  },
)
settles(
  'a line less, of two',
  folder => mount({ path: '/data', state: 'absent', fstab: fstab(folder) }),
  {
    before: folder =>
      writeFileSync(fstab(folder), `${line}\n${rest}#${line}\n/dev/sdb /data ext4\n`),
    after: folder => assert.is(readFileSync(fstab(folder), 'utf8'), `${rest}#${line}\n`),
  },
)
settles(
  'nothing in no table',
  folder => mount({ path: '/data', state: 'absent', fstab: fstab(folder) }),
  {
    after: folder => assert.not(existsSync(fstab(folder))),
  },
)

for (const [title, target] of Object.entries({ nothing: 'nothing', itself: 'fstab' }))
  refuses(
    `a table that is a symlink to ${title} is not an empty one`,
    folder => mount({ ...want, path: `${folder}/d`, fstab: `${folder}/fstab` }),
    /cannot be read: the probe failed \(exit 74\)/,
    { before: folder => symlinkSync(target, `${folder}/fstab`) },
  )
refuses(
  'a mount point in a folder of another user',
  folder => mount({ ...want, path: `${folder}/o/d`, fstab: `${folder}/fstab` }),
  /another user can change a name on the way to/,
  {
    before: folder => {
      mkdirSync(`${folder}/o`)
      if (process.getuid?.() !== 0) skip('only root can give a folder to another user')
      chownSync(`${folder}/o`, 65533, 65533)
    },
  },
)

test.run()
