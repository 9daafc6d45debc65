import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readArguments } from '../../../lib/cli/argv.ts'
import { loadEnvironment } from '../../../lib/cli/dotenv.ts'

test('.env gives what the shell has not set, and no more', () => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-env-'))
  process.env['BRD_TEST_SET'] = 'shell'
  try {
    loadEnvironment(folder)
    writeFileSync(join(folder, '.env'), 'BRD_TEST_SET=file\nBRD_TEST_NEW="a#b"\n')
    loadEnvironment(folder)
    assert.equal([process.env['BRD_TEST_SET'], process.env['BRD_TEST_NEW']], ['shell', 'a#b'])
  } finally {
    delete process.env['BRD_TEST_SET']
    delete process.env['BRD_TEST_NEW']
    rmSync(folder, { recursive: true })
  }
})

test('the arguments after the script, whatever stands before it', () => {
  const script = fileURLToPath(import.meta.url)
  assert.equal(
    readArguments(import.meta, ['node', '/bin/zx', '--quiet', script, '--check', '-l', 'web']),
    ['--check', '-l', 'web'],
  )
  assert.equal(readArguments(import.meta, ['node', script]), [])
})

test.run()
