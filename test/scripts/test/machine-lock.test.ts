import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { withMachineLock } from '../../../scripts/test/machine-lock.ts'
import { requirePrograms } from '../../../scripts/test/skip.ts'

const folder = mkdtempSync(join(tmpdir(), 'brdtest-lock-'))
test.before(() => requirePrograms('flock'))
test.after(() => rmSync(folder, { recursive: true }))

test('two runs with the lock follow each other', async () => {
  const log: string[] = []
  const work = (name: string) => async () => {
    log.push(`${name} begins`)
    await new Promise(resolve => setTimeout(resolve, 50))
    log.push(`${name} ends`)
  }
  const file = join(folder, 'lock')
  await Promise.all([withMachineLock(work('a'), file), withMachineLock(work('b'), file)])
  const [first = '', second = ''] = log.filter(line => line.endsWith('begins'))
  assert.equal(log, [
    first,
    first.replace('begins', 'ends'),
    second,
    second.replace('begins', 'ends'),
  ])
})

test('work that fails frees the lock', async () => {
  const file = join(folder, 'failed')
  const failing = async () => {
    throw new Error('no')
  }
  assert.is(await withMachineLock(failing, file).catch(error => error.message), 'no')
  assert.is(await withMachineLock(async () => 'yes', file), 'yes')
})

test.run()
