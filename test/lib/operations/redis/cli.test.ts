import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { defineRedis } from '../../../../lib/operations/redis/cli.ts'
import { findShell, SHELLS } from '../../../support/shells.ts'

/** A client that keeps what it is told and how, and answers as Redis does. */
const client = `#!/bin/sh
echo "argv $*" >>"$FOLDER/told"; env | sed 's/^/env /' >>"$FOLDER/told"
while IFS= read -r line; do
  printf '%s\\n' "$line" >>"$FOLDER/told"
  case $line in AUTH*) echo "$ANSWER" ;; PING) echo PONG ;; esac
done
`
const ask = (shell: (typeof SHELLS)[number], password: string, answer = 'OK') => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-redis-'))
  try {
    writeFileSync(join(folder, 'redis-cli'), client, { mode: 0o755 })
    writeFileSync(join(folder, 'password'), password)
    const server = { passwordFile: join(folder, 'password') as `/${string}`, user: 'admin' }
    const said = execFileSync(
      findShell(shell),
      ['-c', `${defineRedis(server).text}\nprintf 'PING\\n' | redis`],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { PATH: `${folder}:${process.env['PATH']}`, FOLDER: folder, ANSWER: answer },
      },
    )
    return { said, told: readFileSync(join(folder, 'told'), 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

for (const shell of SHELLS) {
  test(`the password is stdin alone, quoted: in ${shell}`, () => {
    const { said, told } = ask(shell, 'a\\b "c" $d \'e\'%s\n')
    assert.is(said, 'PONG\n')
    assert.ok(told.includes('\nAUTH admin "a\\\\b \\"c\\" $d \'e\'%s"\nPING\n'), told)
    assert.not.match(
      told
        .split('\n')
        .filter(line => /^(argv|env) /.test(line))
        .join('\n'),
      /\\b|"c"/,
    )
  })
  test(`a password that is refused is the answer: in ${shell}`, () => {
    assert.is(ask(shell, 'wrong', 'WRONGPASS invalid').said, 'WRONGPASS invalid\n')
  })
}

test.run()
