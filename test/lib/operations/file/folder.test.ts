import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Operation } from '../../../../lib/operation.ts'
import { archive } from '../../../../lib/operations/archive.ts'
import { directory } from '../../../../lib/operations/directory.ts'
import type { Path } from '../../../../lib/operations/file/entry.ts'
import { file } from '../../../../lib/operations/file.ts'
import { knownHosts } from '../../../../lib/operations/knownHosts.ts'
import { line } from '../../../../lib/operations/line.ts'
import { link } from '../../../../lib/operations/link.ts'
import { mount } from '../../../../lib/operations/mount.ts'
import { permissions } from '../../../../lib/operations/permissions.ts'
import { tree } from '../../../../lib/operations/tree.ts'
import { skip } from '../../../../scripts/test/skip.ts'
import { refuses, settles } from '../../../support/operations.ts'

/** Another user of the host, by number. */
const OTHER = 65533
const isRoot = process.getuid?.() === 0

const give = (path: string): void => {
  if (!isRoot) skip('only root can give a folder to another user')
  chownSync(path, OTHER, OTHER)
}
const folderOfOther = (path: string): void => {
  mkdirSync(path, { recursive: true })
  give(path)
}
const left = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter(name => name.endsWith('.brd'))

const scratchSources = mkdtempSync(join(tmpdir(), 'brd-race-source-'))
test.after(() => rmSync(scratchSources, { recursive: true, force: true }))
const tarOf = (folder: string): URL => {
  mkdirSync(`${folder}/d/e`, { recursive: true })
  for (const name of ['f', 'd/f', 'd/e/f']) writeFileSync(`${folder}/${name}`, `0 ${name}\n`)
  execFileSync('tar', ['-c', '-f', `${folder}.tar`, '-C', folder, '.'])
  return pathToFileURL(`${folder}.tar`)
}
const packed = tarOf(`${scratchSources}/0`)

const victimStays = (folder: string) =>
  assert.equal(
    [readFileSync(`${folder}/v/f`, 'utf8'), readdirSync(`${folder}/v`)],
    ['old\n', ['f']],
  )
/** `o` belongs to another user, who has put there a symlink to a file of root. */
const linked = (folder: string) => {
  mkdirSync(`${folder}/v`)
  writeFileSync(`${folder}/v/f`, 'old\n')
  folderOfOther(`${folder}/o`)
  symlinkSync(`${folder}/v/f`, `${folder}/o/f`)
  symlinkSync(`${folder}/v`, `${folder}/o/d`)
  symlinkSync(`${folder}/v/new`, `${folder}/o/n`)
}
const changeable = /is a symlink that another user can change: name the path behind it/
for (const [title, make] of Object.entries<(folder: Path) => Operation>({
  'a line': folder => line({ path: `${folder}/o/f`, line: 'x' }),
  'a line behind a folder': folder => line({ path: `${folder}/o/d/f`, line: 'x' }),
  'a file': folder => file({ path: `${folder}/o/d/f`, content: 'x' }),
  'rights of a file': folder => file({ path: `${folder}/o/d/f`, content: 'old\n', mode: '600' }),
  'a folder': folder => directory({ path: `${folder}/o/d/new` }),
  'a symlink': folder => link({ path: `${folder}/o/d/l`, target: 'x' }),
  'a host key': folder =>
    knownHosts({ host: 'h', keys: [`ssh-ed25519 AAAA${'C'.repeat(64)}`], path: `${folder}/o/n` }),
  'a table of mounts': folder =>
    mount({
      path: '/mnt/x',
      device: 'tmpfs',
      type: 'tmpfs',
      state: 'present',
      fstab: `${folder}/o/d/fstab`,
    }),
  'a removal': folder => file({ path: `${folder}/o/d/f`, state: 'absent' }),
}))
  refuses(`${title} through a symlink of another user`, make, changeable, {
    tools: { 'ssh-keygen': 'exec /usr/bin/ssh-keygen "$@"' }, // busybox has none
    before: linked,
    after: victimStays,
  })

settles(
  "a file in another user's folder",
  folder => [
    file({ path: `${folder}/o/f`, content: 'x\n', owner: OTHER, mode: '4755' }),
    file({ path: `${folder}/o/root`, content: 'x\n', mode: '600' }),
    line({ path: `${folder}/o/conf`, line: 'b' }),
    directory({ path: `${folder}/o/m/e`, owner: OTHER }),
    link({ path: `${folder}/o/l`, target: 'x' }),
    file({ path: `${folder}/o/gone`, state: 'absent' }),
    directory({ path: `${folder}/o/away`, state: 'absent', recursive: true }),
  ],
  {
    before: folder => {
      linked(folder)
      writeFileSync(`${folder}/o/conf`, 'a\n')
      give(`${folder}/o/conf`)
      writeFileSync(`${folder}/o/gone`, 'a\n')
      mkdirSync(`${folder}/o/away/in`, { recursive: true })
      symlinkSync(`${folder}/v`, `${folder}/o/away/in/v`)
    },
    after: folder => {
      victimStays(folder)
      const { mode, uid } = lstatSync(`${folder}/o/f`)
      assert.equal([mode & 0o7777, uid, lstatSync(`${folder}/o/root`).uid], [0o4755, OTHER, 0])
      assert.equal(
        [readFileSync(`${folder}/o/conf`, 'utf8'), statSync(`${folder}/o/conf`).uid],
        ['a\nb\n', OTHER],
      )
      assert.equal([statSync(`${folder}/o/m`).uid, statSync(`${folder}/o/m/e`).uid], [0, OTHER])
      assert.equal(left(folder), [])
    },
  },
)

settles(
  "rights in another user's folder",
  folder => [permissions({ path: `${folder}/o`, owner: OTHER, files: '640', directories: '750' })],
  {
    before: folder => {
      mkdirSync(`${folder}/v`)
      writeFileSync(`${folder}/v/f`, 'old\n')
      folderOfOther(`${folder}/o/d`)
      give(`${folder}/o`)
      for (const name of ['a b', 'd/-x', "d/it's"]) writeFileSync(`${folder}/o/${name}`, '')
      symlinkSync(`${folder}/v/f`, `${folder}/o/d/l`)
    },
    after: folder => {
      assert.is(statSync(`${folder}/v/f`).uid, 0)
      for (const name of ['a b', 'd/-x', "d/it's"]) {
        const { mode, uid } = statSync(`${folder}/o/${name}`)
        assert.equal([mode & 0o777, uid], [0o640, OTHER])
      }
      assert.is(statSync(`${folder}/o/d`).mode & 0o777, 0o750)
      assert.equal(left(folder), [])
    },
  },
)
const sourceOf = (folder: string) => {
  mkdirSync(`${folder}/s/d/e`, { recursive: true })
  for (const name of ['f', 'd/f', 'd/e/f']) writeFileSync(`${folder}/s/${name}`, 'new\n')
  return pathToFileURL(`${folder}/s/`)
}
settles(
  "a tree and an archive in another user's folder",
  folder => [
    tree({ path: `${folder}/o/t`, source: sourceOf(folder), owner: OTHER, exact: true }),
    archive({ path: `${folder}/o/u`, source: packed, owner: OTHER }),
  ],
  {
    before: folder => {
      for (const name of ['o/t/d/e', 'o/u/d', 'o/t/d', 'o/t', 'o/u', 'o'])
        folderOfOther(`${folder}/${name}`)
      for (const name of ['o/t/f', 'o/t/d/more', 'o/t/d/e/f', 'o/u/d/f']) {
        writeFileSync(`${folder}/${name}`, name.includes('e/f') ? 'new\n' : 'old\n')
        give(`${folder}/${name}`)
        chmodSync(`${folder}/${name}`, 0o600)
      }
    },
    after: folder => {
      const files = (top: string) =>
        readdirSync(`${folder}/${top}`, { recursive: true }).map(String).sort()
      assert.equal(files('o/t'), ['d', 'd/e', 'd/e/f', 'd/f', 'f'])
      for (const name of files('o/t')) {
        const { uid, mode } = statSync(`${folder}/o/t/${name}`)
        assert.equal([uid, mode & 0o777], [OTHER, name.endsWith('f') ? 0o644 : 0o755], name)
      }
      assert.is(readFileSync(`${folder}/o/u/d/e/f`, 'utf8'), '0 d/e/f\n')
      assert.is(statSync(`${folder}/o/u/d/e`).uid, OTHER)
      assert.equal(left(folder), ['o/u/.archive.archive.brd'])
    },
  },
)

settles(
  'a symlink that root alone can change is followed',
  folder => [
    file({ path: `${folder}/l/f`, content: 'x\n' }),
    line({ path: `${folder}/conf`, line: 'b' }),
  ],
  {
    before: folder => {
      mkdirSync(`${folder}/real`)
      symlinkSync('real', `${folder}/l`)
      writeFileSync(`${folder}/real/conf`, 'a\n')
      symlinkSync('l/conf', `${folder}/conf`)
    },
    after: folder => {
      assert.equal(readdirSync(`${folder}/real`).sort(), ['conf', 'f'])
      assert.ok(lstatSync(`${folder}/conf`).isSymbolicLink())
    },
  },
)

settles(
  'what lies where the new version is made is never followed',
  folder => [
    file({ path: `${folder}/a/f`, content: 'x\n' }),
    file({ path: `${folder}/o/f`, content: 'x\n' }),
  ],
  {
    before: folder => {
      mkdirSync(`${folder}/v`)
      writeFileSync(`${folder}/v/f`, 'old\n')
      mkdirSync(`${folder}/a`)
      folderOfOther(`${folder}/o`)
      for (const name of ['a', 'o']) symlinkSync(`${folder}/v/f`, `${folder}/${name}/.f.brd`)
    },
    after: folder => {
      victimStays(folder)
      assert.equal(left(folder), [])
    },
  },
)

refuses(
  "rights of a file that has another name elsewhere, in another user's folder",
  folder => file({ path: `${folder}/o/f`, content: 'old\n', owner: OTHER }),
  /has other names \(hard links\), in a folder that another user can change/,
  {
    before: folder => {
      mkdirSync(`${folder}/v`)
      writeFileSync(`${folder}/v/f`, 'old\n')
      folderOfOther(`${folder}/o`)
      linkSync(`${folder}/v/f`, `${folder}/o/f`)
    },
    after: folder => {
      assert.is(statSync(`${folder}/v/f`).uid, 0)
      assert.equal(left(folder), [])
    },
  },
)

refuses(
  'a folder of another user in the way of the private one',
  folder => file({ path: `${folder}/o/f`, content: 'x\n' }),
  /\.f\.brd is in the way: remove it/,
  {
    before: folder => {
      folderOfOther(`${folder}/o`)
      folderOfOther(`${folder}/o/.f.brd`)
    },
    after: folder => assert.not(lstatSync(`${folder}/o/f`, { throwIfNoEntry: false })),
  },
)

/** Runs a command of this machine, or skips what needs it. */
const must = (reason: string, command: string, ...args: readonly string[]): void => {
  try {
    execFileSync(command, args, { stdio: 'pipe' })
  } catch {
    skip(reason)
  }
}
refuses(
  'an immutable file',
  folder => file({ path: `${folder}/f`, content: 'new\n' }),
  /f is immutable or append-only: take that away with chattr -ia first/,
  {
    before: folder => {
      writeFileSync(`${folder}/f`, 'old\n')
      must('no file can be made immutable here', 'chattr', '+i', `${folder}/f`)
    },
    after: folder => {
      execFileSync('chattr', ['-i', `${folder}/f`])
      assert.is(readFileSync(`${folder}/f`, 'utf8'), 'old\n')
    },
  },
)

settles(
  'a mount point, as /etc/hosts is in a container, is written in place',
  folder => [file({ path: `${folder}/f`, content: 'new\n', mode: '640' })],
  {
    before: folder => {
      for (const name of ['f', 'real']) writeFileSync(`${folder}/${name}`, 'old\n')
      must('nothing can be mounted here: bind', 'mount', '--bind', `${folder}/real`, `${folder}/f`)
    },
    after: folder => {
      execFileSync('umount', [`${folder}/f`])
      assert.equal(
        [readFileSync(`${folder}/real`, 'utf8'), statSync(`${folder}/real`).mode & 0o777],
        ['new\n', 0o640],
      )
    },
  },
)

test.run()
