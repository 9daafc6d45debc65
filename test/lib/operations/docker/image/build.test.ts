import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hashContext } from '../../../../../lib/operations/docker/image/build.ts'
import { printSaved, readSaved } from '../../../../../lib/operations/docker/image/saved.ts'
import { makeOutput } from '../../../../support/operations.ts'
import { findShell, SHELLS } from '../../../../support/shells.ts'

const id = 'a'.repeat(64)
for (const shell of SHELLS) {
  // busybox with its own tools, as on a host that has no others.
  const env = { PATH: shell === 'busybox' ? dirname(findShell(shell)) : '/usr/bin:/bin' }
  const run = (script: string) =>
    spawnSync(findShell(shell), ['-c', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    })
  const hash = (folder: string): string =>
    run(`${hashContext(folder).text}\necho "$context"`).stdout.trim()
  const withFolder = (title: string, body: (folder: string) => void) =>
    test(`${title}: in ${shell}`, () => {
      const folder = mkdtempSync(join(tmpdir(), "brd con'text-"))
      try {
        body(folder)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })

  withFolder('the hash of a folder is that of all that a build sees of it', folder => {
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n')
    const seen = new Set([hash(folder)])
    const differs = (change: () => void) => {
      change()
      const now = hash(folder)
      assert.match(now, /^[0-9a-f]{16}$/)
      assert.not(seen.has(now))
      assert.is(hash(folder), now)
      seen.add(now)
    }
    differs(() => writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch \n'))
    differs(() => chmodSync(join(folder, 'Dockerfile'), 0o755))
    differs(() => mkdirSync(join(folder, 'a b')) ?? writeFileSync(join(folder, 'a b', '$x'), ''))
    differs(() => symlinkSync('one', join(folder, 'link')))
    differs(() => rmSync(join(folder, 'link')) ?? symlinkSync('two', join(folder, 'link')))
  })

  withFolder('a folder that is missing ends the probe', folder => {
    const { status, stderr } = run(hashContext(`${folder}/none`).text)
    assert.is(status, 3)
    assert.match(stderr, /there is no folder/)
  })

  withFolder('what a saved file holds', folder => {
    const [manifest, file] = [
      [{ Config: `${id}.json`, RepoTags: ['app:1'] }],
      join(folder, 'saved.tar'),
    ]
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest, null, 1))
    execFileSync('tar', ['-cf', file, '-C', folder, 'manifest.json'])
    assert.equal(readSaved(makeOutput(run(printSaved(file).text).stdout)), {
      names: ['app:1'],
      ids: [`sha256:${id}`],
    })
    writeFileSync(file, 'no archive')
    assert.is(run(printSaved(file).text).status, 3)
  })
}

test.run()
