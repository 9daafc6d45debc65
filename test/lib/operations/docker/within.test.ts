import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { defineWithin } from '../../../../lib/operations/docker/within.ts'
import { sh } from '../../../../lib/sh.ts'
import { dockerProgram, writePrograms } from '../../../support/sandbox.ts'
import { findShell, SHELLS } from '../../../support/shells.ts'

let folder: string
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'brd-within-'))
  // As Docker does it, what is executed leads its own process group; the client is killed alone.
  writePrograms(folder, {
    docker: dockerProgram.replace('exec "$@" ;;', 'exec setsid --wait "$@" ;;'),
  })
})
test.after(() => rmSync(folder, { recursive: true, force: true }))

for (const name of SHELLS) {
  const run = (seconds: number, words: readonly string[], input = '') => {
    const shell = findShell(name)
    const PATH = `${join(folder, 'bin')}:${process.env['PATH']}`
    // The container's shell is the one that is tried.
    writePrograms(folder, { sh: `#!/bin/sh\nexec ${shell} "$@"\n` })
    return spawnSync(
      shell,
      [
        '-c',
        sh`${defineWithin({ service: 'a' }, seconds)}
within ${words}`.text,
      ],
      { env: { PATH }, input, encoding: 'utf8' },
    )
  }
  test(`a command in a container has its stdin, and its exit code counts, in ${name}`, () => {
    const { status, stdout } = run(30, ['sh', '-c', 'cat; exit 7'], 'one\ntwo\n')
    assert.equal([status, stdout], [7, 'one\ntwo\n'])
  })
  test(`it ends in the container with all that it started, in ${name}`, () => {
    const { status, stderr } = run(1, ['sh', '-c', 'sleep 4711.5; echo never'])
    assert.is(status, 124)
    assert.match(stderr, /it was ended in the container after 1 s/)
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    assert.not.match(left, /^sleep 4711\.5/m)
  })
}

test.run()
