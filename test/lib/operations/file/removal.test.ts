import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { directory } from '../../../../lib/operations/directory.ts'
import { file } from '../../../../lib/operations/file.ts'
import { link } from '../../../../lib/operations/link.ts'
import { skip } from '../../../../scripts/test/skip.ts'
import { plans, refuses, settles } from '../../../support/operations.ts'

const path = '/etc/apt/sources.list.d/old.list'

const gone = { path, state: 'absent' } as const
const [aFile, aFolder, aLink] = ['regular file', 'directory', 'symbolic link'].map(
  type => `${type}|644|0|0|root|root|9\n`,
) as [string, string, string]

plans(file, {
  'file: leaves what is absent': ['absent\n', gone, []],
  'file: removes a file': [aFile, gone, ['type: file -> absent']],
  'file: removes a symlink': [aLink, gone, ['type: symlink -> absent']],
  'file: does not remove a folder': [aFolder, gone, /is a directory: directory\(/],
  'file: does not take a failed probe for absent': [{ exitCode: 74 }, gone, /exit 74/],
})
plans(directory, {
  'directory: leaves what is absent': ['absent\n', gone, []],
  'directory: removes a folder': [aFolder, gone, ['type: directory -> absent']],
  'directory: does not remove a file': [aFile, gone, /is a file: file\(/],
  'directory: does not take a failed probe for absent': [{ exitCode: 74 }, gone, /exit 74/],
})
plans(link, {
  'link: leaves what is absent': ['absent\n', gone, []],
  'link: removes a symlink': [`${aLink}/target\n`, gone, ['type: symlink -> absent']],
  'link: does not remove a file': [aFile, gone, /is a file: file\(/],
})

const mountAt = (path: string, ...args: readonly string[]): void => {
  try {
    execFileSync('mount', [...args, path], { stdio: 'pipe' })
  } catch {
    skip('nothing can be mounted here: a removal over a mount')
  }
}
const mounted = (folder: string) => {
  mkdirSync(`${folder}/d/m m`, { recursive: true })
  writeFileSync(`${folder}/d/f`, '')
  mountAt(`${folder}/d/m m`, '-t', 'tmpfs', 'tmpfs')
  writeFileSync(`${folder}/d/m m/kept`, '')
}
for (const [what, name] of [
  ['a backslash', 'x\\x2dy'],
  ['a tab', 'x\ty'],
] as const)
  refuses(
    `a folder with a mount in it, whose name has ${what}`,
    folder => directory({ path: `${folder}/${name}`, state: 'absent', recursive: true }),
    /mounted: /,
    {
      before: folder => {
        mkdirSync(`${folder}/${name}/m`, { recursive: true })
        mountAt(`${folder}/${name}/m`, '-t', 'tmpfs', 'tmpfs')
        writeFileSync(`${folder}/${name}/m/kept`, '')
      },
      after: folder => {
        const stayed = existsSync(`${folder}/${name}/m/kept`)
        execFileSync('umount', [`${folder}/${name}/m`])
        assert.ok(stayed)
      },
    },
  )
refuses(
  'a folder with a mount in it',
  folder => directory({ path: `${folder}/d`, state: 'absent', recursive: true }),
  /mounted: \S*\/d\/m m/,
  {
    before: mounted,
    after: folder => {
      const stayed = ['d/f', 'd/m m/kept'].map(name => existsSync(`${folder}/${name}`))
      execFileSync('umount', [`${folder}/d/m m`])
      assert.equal(stayed, [true, true])
    },
  },
)
refuses(
  'a file that is a mount point',
  folder => file({ path: `${folder}/f`, state: 'absent' }),
  /mounted: \S*\/f/,
  {
    before: folder => {
      for (const name of ['f', 'real']) writeFileSync(`${folder}/${name}`, '')
      mountAt(`${folder}/f`, '--bind', `${folder}/real`)
    },
    after: folder => execFileSync('umount', [`${folder}/f`]),
  },
)

for (const vital of [
  '/',
  '/etc',
  '/usr',
  '/usr/bin',
  '/var/lib',
  '/var/lib/docker',
  '/home/anna',
  '/etc/ssh',
  '/etc/passwd',
  '/root/.ssh',
])
  test(`refuses ${vital}`, () =>
    assert.throws(
      () => directory({ path: vital as '/', state: 'absent', recursive: true }),
      /refused|an absolute path/,
    ))

const removed = (folder: `/${string}`) => assert.not(existsSync(`${folder}/x`))
const full = (folder: `/${string}`) => {
  mkdirSync(`${folder}/x/y`, { recursive: true })
  writeFileSync(`${folder}/x/y/z`, '')
}
settles('a file', folder => file({ path: `${folder}/x`, state: 'absent' }), {
  before: folder => writeFileSync(`${folder}/x`, ''),
  after: removed,
})
settles('an empty folder', folder => directory({ path: `${folder}/x`, state: 'absent' }), {
  before: folder => mkdirSync(`${folder}/x`),
  after: removed,
})
settles(
  'a full folder',
  folder => directory({ path: `${folder}/x`, state: 'absent', recursive: true }),
  {
    before: full,
    after: removed,
  },
)
settles(
  'a symlink, and not what it points at',
  folder => link({ path: `${folder}/x`, state: 'absent' }),
  {
    before: folder => {
      mkdirSync(`${folder}/real`)
      symlinkSync(`${folder}/real`, `${folder}/x`)
    },
    after: folder => {
      removed(folder)
      assert.ok(existsSync(`${folder}/real`))
    },
  },
)
refuses(
  'a full folder without recursive',
  folder => directory({ path: `${folder}/x`, state: 'absent' }),
  /give recursive: true/,
  {
    before: full,
    after: folder => assert.ok(existsSync(`${folder}/x/y/z`)),
  },
)

test.run()
