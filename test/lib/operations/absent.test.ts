import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { absent } from '../../../lib/operations/absent.ts'
import { plans, refuses, settles } from '../../support/operations.ts'

const path = '/etc/apt/sources.list.d/old.list'

plans(absent, {
  'leaves what is absent': ['absent\n', { path }, []],
  'removes a file': ['regular file|644|0|0|root|root|9\n', { path }, ['type: file -> absent']],
  'removes a folder': ['directory|644|0|0|root|root|9\n', { path }, ['type: directory -> absent']],
  'does not take a failed probe for absent': [{ rc: 74 }, { path }, /exit 74/],
})

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
      () => absent({ path: vital as '/', recursive: true }),
      /refused|an absolute path/,
    ))

const gone = (folder: `/${string}`) => assert.not(existsSync(`${folder}/x`))
const full = (folder: `/${string}`) => {
  mkdirSync(`${folder}/x/y`, { recursive: true })
  writeFileSync(`${folder}/x/y/z`, '')
}
settles('a file', folder => absent({ path: `${folder}/x` }), {
  before: folder => writeFileSync(`${folder}/x`, ''),
  after: gone,
})
settles('an empty folder', folder => absent({ path: `${folder}/x` }), {
  before: folder => mkdirSync(`${folder}/x`),
  after: gone,
})
settles('a full folder', folder => absent({ path: `${folder}/x`, recursive: true }), {
  before: full,
  after: gone,
})
settles(
  'a symlink, and not what it points at',
  folder => absent({ path: `${folder}/x`, recursive: true }),
  {
    before: folder => {
      mkdirSync(`${folder}/real`)
      symlinkSync(`${folder}/real`, `${folder}/x`)
    },
    after: folder => {
      gone(folder)
      assert.ok(existsSync(`${folder}/real`))
    },
  },
)
refuses(
  'a full folder without recursive',
  folder => absent({ path: `${folder}/x` }),
  /give recursive: true/,
  {
    before: full,
    after: folder => assert.ok(existsSync(`${folder}/x/y/z`)),
  },
)

test.run()
