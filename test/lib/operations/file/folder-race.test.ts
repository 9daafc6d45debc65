import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../../lib/converge/converge.ts'
import type { Operation } from '../../../../lib/operation.ts'
import { archive } from '../../../../lib/operations/archive.ts'
import { directory } from '../../../../lib/operations/directory.ts'
import type { Path } from '../../../../lib/operations/file/entry.ts'
import { file } from '../../../../lib/operations/file.ts'
import { line } from '../../../../lib/operations/line.ts'
import { link } from '../../../../lib/operations/link.ts'
import { permissions } from '../../../../lib/operations/permissions.ts'
import { tree } from '../../../../lib/operations/tree.ts'
import { skip } from '../../../../scripts/test/skip.ts'
import { openShell, SHELLS } from '../../../support/shells.ts'
import { takeSnapshot } from '../../../support/snapshot.ts'

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
/** What must never be touched. */
const makeVictim = (path: string): void => {
  mkdirSync(`${path}/d/e`, { recursive: true })
  for (const name of ['f', 'l', 'd/f', 'd/e/f']) writeFileSync(`${path}/${name}`, 'secret\n')
  for (const name of ['f', 'l']) chmodSync(`${path}/${name}`, 0o600)
  chmodSync(path, 0o755)
}
/** Replaces names by symlinks to the victim and back, as fast as it can. */
const swapper = `
const fs = require('node:fs'); const [top, victim] = process.argv.slice(1)
const safe = act => { try { act() } catch {} }
const flip = (path, target) => {
  safe(() => fs.symlinkSync(target, path + '~l')); safe(() => fs.renameSync(path, path + '~'))
  safe(() => fs.renameSync(path + '~l', path)); safe(() => fs.unlinkSync(path))
  safe(() => fs.renameSync(path + '~', path))
}
const file = (path, target) => {
  safe(() => fs.symlinkSync(target, path + '~l')); safe(() => fs.renameSync(path + '~l', path))
  safe(() => fs.writeFileSync(path + '~f', 'mine')); safe(() => fs.renameSync(path + '~f', path))
}
for (;;) {
  for (const name of fs.readdirSync(top)) if (!name.includes('~')) flip(top + '/' + name, victim)
  for (const name of ['a', 'c', 'h']) file(top + '/' + name + '/f', victim + '/f')
  flip(top + '/b/d', victim); flip(top + '/e/d', victim + '/d')
  for (const name of ['p', 't', 'u']) {
    file(top + '/' + name + '/f', victim + '/f'); flip(top + '/' + name + '/d', victim + '/d')
    flip(top + '/' + name + '/d/e', victim + '/d/e')
    file(top + '/' + name + '/d/f', victim + '/d/f')
  }
}`

const scratchSources = mkdtempSync(join(tmpdir(), 'brd-race-source-'))
test.after(() => rmSync(scratchSources, { recursive: true, force: true }))
const sources = ['0', '1'].map(version => {
  const top = `${scratchSources}/${version}`
  mkdirSync(`${top}/d/e`, { recursive: true })
  for (const name of ['f', 'd/f', 'd/e/f', `d/e/g${version}`])
    writeFileSync(`${top}/${name}`, `${version} ${name}\n`)
  return pathToFileURL(`${top}/`)
})
const archives = ['0', '1'].map(version => {
  const path = `${scratchSources}/${version}.tar`
  execFileSync('tar', ['-c', '-f', path, '-C', `${scratchSources}/${version}`, '.'])
  return pathToFileURL(path)
})

const listRaced = (top: string, i: number): Operation[] => {
  const [mode, text] = [i % 2 ? '640' : '644', `${i}\n`]
  return [
    file({ path: `${top}/a/f` as Path, content: 'mine', mode, owner: OTHER, group: OTHER }),
    directory({ path: `${top}/b/d` as Path, mode: i % 2 ? '750' : '755', owner: OTHER }),
    line({ path: `${top}/c/f` as Path, line: `n${i}` }),
    file({ path: `${top}/h/f` as Path, content: text, owner: OTHER, mode: '666' }),
    link({ path: `${top}/g/l` as Path, target: `${i}` }),
    directory({ path: `${top}/e/d` as Path, state: 'absent', recursive: true }),
    file({ path: `${top}/k/f` as Path, state: 'absent' }),
    permissions({
      path: `${top}/p` as Path,
      owner: OTHER,
      files: mode,
      directories: i % 2 ? '750' : '755',
    }),
    tree({ path: `${top}/t` as Path, source: sources[i % 2] as URL, owner: OTHER, exact: true }),
    archive({ path: `${top}/u` as Path, source: archives[i % 2] as URL, owner: OTHER }),
  ]
}

for (const shellName of SHELLS)
  test(`links that are swapped meanwhile lead nowhere, in ${shellName}`, async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'brd-race-'))
    chmodSync(scratch, 0o755)
    const [top, victim] = [`${scratch}/top`, `${scratch}/victim`]
    makeVictim(victim)
    for (const name of 'abceghkptu') folderOfOther(`${top}/${name}`)
    give(top)
    for (const inner of ['b/d', 'e/d/e', 'p/d/e', 't/d/e', 'u/d/e', 'e/d', 'p/d', 't/d', 'u/d'])
      folderOfOther(`${top}/${inner}`)
    for (const inner of 'a/f c/f h/f k/f e/d/f e/d/e/f p/f p/d/f p/d/e/f'.split(' ')) {
      writeFileSync(`${top}/${inner}`, 'mine')
      give(`${top}/${inner}`)
    }
    const before = takeSnapshot(victim)
    const { shell } = openShell(shellName)
    const racing = spawn(process.execPath, ['-e', swapper, top, victim], {
      uid: OTHER,
      gid: OTHER,
      stdio: 'ignore',
    })
    try {
      for (let i = 0; i < 6; i++) {
        for (const op of listRaced(top, i))
          await converge([op], { host: 'here', shell: async () => shell })
        assert.equal(takeSnapshot(victim), before, 'what is outside was touched')
      }
    } finally {
      racing.kill('SIGKILL')
      await shell.end()
      rmSync(scratch, { recursive: true, force: true })
    }
  })

test.run()
