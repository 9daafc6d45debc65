import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findShell, SHELLS } from '../../support/shells.ts'

const entrypoint = 'roles/environment/images/app/entrypoint'

let folder: string
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'brd-entrypoint-'))
  writeFileSync(join(folder, 'secret'), `it's $HOME "and" \\n more\n`)
})
test.after(() => rmSync(folder, { recursive: true }))

const run = (
  shell: (typeof SHELLS)[number],
  environment: Record<string, string>,
  ...words: string[]
) =>
  spawnSync(findShell(shell), [entrypoint, ...words], {
    encoding: 'utf8',
    timeout: 30_000,
    env: { PATH: process.env['PATH'], DRAIN_SECONDS: '0', ...environment },
  })

for (const shell of SHELLS) {
  test(`${shell}: X_FILE becomes X as it is, and the file's name is not passed on`, () => {
    const { stdout } = run(
      shell,
      { PASSWORD_FILE: join(folder, 'secret') },
      'sh',
      '-c',
      'printf "%s|%s" "$PASSWORD" "${PASSWORD_FILE-none}"',
    )
    assert.is(stdout, `it's $HOME "and" \\n more|none`)
  })

  test(`${shell}: what is set otherwise is left alone`, () => {
    const { stdout } = run(
      shell,
      { SSL_CERT_FILE: '/nowhere', lower_file: '/nowhere', PLAIN: 'x' },
      'sh',
      '-c',
      'echo "$SSL_CERT_FILE $PLAIN"',
    )
    assert.is(stdout, '/nowhere x\n')
  })

  test(`${shell}: a secret that cannot be read, or that is set twice, starts nothing`, () => {
    const absent = run(shell, { PASSWORD_FILE: join(folder, 'absent') }, 'echo', 'started')
    assert.equal([absent.status, absent.stdout], [66, ''])
    assert.match(absent.stderr, /PASSWORD_FILE names .*absent, which cannot be read/)
    const twice = run(
      shell,
      { PASSWORD: 'a', PASSWORD_FILE: join(folder, 'secret') },
      'echo',
      'started',
    )
    assert.equal([twice.status, twice.stdout], [64, ''])
    assert.not.match(twice.stderr, "it's")
  })

  test(`${shell}: the exit code is the command's`, () =>
    assert.is(run(shell, {}, 'sh', '-c', 'exit 7').status, 7))
}

test.run()
