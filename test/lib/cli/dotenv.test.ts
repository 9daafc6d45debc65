import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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

test('.env that cannot be read, or is a symlink to nothing, is not taken for absent', () => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-env-'))
  const path = join(folder, '.env')
  try {
    for (const [put, message] of [
      [() => mkdirSync(path), /\.env: is a folder, not a file/],
      [() => symlinkSync('.env', path), /\.env: cannot be read \(ELOOP\)/],
      [() => symlinkSync('nothing', path), /\.env: is a symlink to nothing/],
      [() => writeFileSync(path, Buffer.from([0x41, 0x3d, 0xe4, 0x0a])), /\.env:1: is not UTF-8/],
    ] as const) {
      put()
      assert.throws(() => loadEnvironment(folder), message)
      rmSync(path, { recursive: true })
    }
  } finally {
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
