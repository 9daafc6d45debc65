import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../../lib/converge/converge.ts'
import type { Operation } from '../../../../lib/operation.ts'
import { cron } from '../../../../lib/operations/cron.ts'
import { directory } from '../../../../lib/operations/directory.ts'
import type { Path } from '../../../../lib/operations/file/entry.ts'
import { promiseFolders } from '../../../../lib/operations/file/lacks.ts'
import { file } from '../../../../lib/operations/file.ts'
import { git } from '../../../../lib/operations/git.ts'
import { link } from '../../../../lib/operations/link.ts'
import { mount } from '../../../../lib/operations/mount.ts'
import { script } from '../../../../lib/operations/script.ts'
import { user } from '../../../../lib/operations/user.ts'
import { refuses, settles } from '../../../support/operations.ts'
import { openShell, SHELLS } from '../../../support/shells.ts'

const content = 'x\n'
const nobodys = 'brd-nobody-has-this'

for (const [title, [make, says]] of Object.entries<readonly [(folder: Path) => Operation, RegExp]>({
  'a file in a folder that is not there': [
    folder => file({ path: `${folder}/a/f`, content }),
    /the host has no folder \S+\/a: list what makes it before this operation/,
  ],
  'a symlink in one': [
    folder => link({ path: `${folder}/a/f`, target: 'x' }),
    /the host has no folder \S+\/a:/,
  ],
  'a file of a user that nobody knows': [
    folder => file({ path: `${folder}/f`, content, owner: nobodys }),
    /the host has no user brd-nobody-has-this:/,
  ],
  'a folder of a group that nobody knows': [
    folder => directory({ path: `${folder}/d`, group: nobodys }),
    /the host has no group brd-nobody-has-this:/,
  ],
  'a mount of a device that is not there': [
    folder =>
      mount({ path: `${folder}/m`, device: '/dev/brd-none', type: 'ext4', fstab: `${folder}/t` }),
    /the host has no device \/dev\/brd-none:/,
  ],
  'a script for a program that is not there': [
    folder => {
      writeFileSync(`${folder}/s`, '#!/usr/bin/env brd-none -x\n')
      return script({ source: pathToFileURL(`${folder}/s`), creates: `${folder}/x` })
    },
    /the host has no program brd-none:/,
  ],
  'a cron job of a user that nobody knows': [
    folder => cron({ name: 'x', folder, schedule: '@daily', command: 'true', user: nobodys }),
    /the host has no user brd-nobody-has-this:/,
  ],
}))
  refuses(title, make, says)

// busybox has no getent. Accounts are those of this machine: nothing may change one, whatever the
// test finds.
const tools = {
  getent: 'exec /usr/bin/getent "$@"',
  ...Object.fromEntries(
    ['useradd', 'usermod', 'userdel', 'adduser', 'chpasswd', 'chsh', 'passwd'].map(name => [
      name,
      'echo "this machine is left alone" >&2; exit 9',
    ]),
  ),
}
refuses(
  'a user of a group that nobody knows',
  () => user({ name: 'brd-someone', groups: ['root', nobodys] }),
  /the host has no group brd-nobody-has-this:/,
  { tools },
)
refuses(
  'a user with a shell that is not there',
  () => user({ name: 'root', password: 'as it is', shell: '/bin/brd-none' }),
  /the host has no program \/bin\/brd-none:/,
  { tools },
)

settles('what an earlier operation of the list makes is no obstacle', folder => [
  directory({ path: `${folder}/a/b/c` }),
  file({ path: `${folder}/a/b/f`, content, owner: 'daemon', group: 'daemon' }),
  link({ path: `${folder}/a/l`, target: 'b' }),
])

for (const shellName of SHELLS)
  test(`check says so, and a promise costs no round trip, in ${shellName}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-lacks-')) as Path
    const { shell } = openShell(shellName)
    const run = (ops: readonly Operation[], check: boolean) =>
      converge(ops, { host: 'here', shell: async () => shell, check })
    try {
      const made = [directory({ path: `${folder}/a` }), file({ path: `${folder}/a/f`, content })]
      const unrelated = [
        file({ path: `${folder}/g`, content }),
        file({ path: `${folder}/b/f`, content }),
      ]
      assert.equal(
        (await run(unrelated, true)).outcomes.map(({ is }) => is),
        ['would-change', 'unknown'],
      )
      const failed = await run(unrelated, false)
      assert.equal(failed.result, 'failed')
      assert.match(failed.error?.message ?? '', /the host has no folder \S+\/b/)
      assert.equal(
        (await run(made, true)).outcomes.map(({ is }) => is),
        ['would-change', 'would-change'],
      )
      const { result, trips } = await run(made, false)
      assert.equal([result, trips], ['ok', 2])
    } finally {
      await shell.end()
      rmSync(folder, { recursive: true, force: true })
    }
  })

test('a folder promises those above it, a working tree what is below it', () => {
  assert.equal(promiseFolders('/a/b'), ['folder /a', 'folder /a/b'])
  assert.equal(git({ repo: 'x:y', path: '/srv/app' }).makes, [
    'folder /srv',
    'folder /srv/app',
    'below /srv/app',
  ])
})

test.run()
