import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { file } from '../../../lib/operations/file.ts'
import { redisCli } from '../../../lib/operations/redis/cli.ts'
import { redis } from '../../../lib/operations/redis.ts'
import { nothingPending, output, plans } from '../../support/operations.ts'
import { command, SHELLS } from '../../support/shells.ts'

const after = file({ path: '/etc/redis/redis.conf', content: '' })
plans(redis.ping, {
  'it answers': ['PONG\n', { container: 'cache' }, []],
  'it still loads': [
    'LOADING Redis is loading the dataset in memory\n',
    { container: 'cache' },
    ['answer: LOADING Redis is loading the dataset in memory -> PONG'],
  ],
  'nobody listens, until something before it is done': ['nothing\n', { after }, /^nothing, until file/, true],
  'a password that it does not know': ['WRONGPASS invalid username-password pair\n', {}, /refuses the login: WRONGPASS/],
  'no container': [{ rc: 3, stderr: 'no container cache runs on this host' }, { container: 'cache' }, /no container cache runs/],
})

const want = { service: 'stage-data_redis', name: 'maxmemory', value: '256mb' }
plans(redis.setting, {
  'leaves what is right': ['maxmemory\n268435456\n', want, []],
  'another value': ['maxmemory\n0\n', want, ['maxmemory: 0 -> 268435456']],
  'a value of several words': ['save\n900 1\n', { name: 'save', value: '' }, ['save: 900 1 -> ']],
  'a word': [
    'maxmemory-policy\nnoeviction\n',
    { name: 'maxmemory-policy', value: 'volatile-lru' },
    ['maxmemory-policy: noeviction -> volatile-lru'],
  ],
  'no such parameter': ['\n', { name: 'nope', value: 1 }, /no parameter nope/],
  'a login that may not ask': ["NOPERM this user has no permissions to run the 'config|get' command\n", want, /cannot be read.*NOPERM/],
  'a server that is down': [{ rc: 1, stderr: 'Could not connect to Redis' }, want, /Could not connect/],
  'an empty answer': ['', want, /no parameter maxmemory|cannot be read/],
})

test('a value is quoted as Redis does', () => {
  const { apply } = redis
    .setting({ name: 'proc-title-template', value: 'a "b" \\' })
    .decide(output('proc-title-template\nx\n'), nothingPending) as Change
  assert.ok(apply.text.includes(`'CONFIG SET proc-title-template "a \\"b\\" \\\\"'`), apply.text)
})

test('passwords are no parameters', () => {
  for (const name of ['requirepass', 'masterauth'])
    assert.throws(() => redis.setting({ name, value: 'x' }), /belongs in Redis's configuration file/)
  assert.throws(() => redis.setting({ name: 'a b', value: 'x' }), /no parameter's name/)
})

/** A client that keeps what it is told and how, and answers as Redis does. */
const client = `#!/bin/sh
echo "argv $*" >>"$FOLDER/told"; env | sed 's/^/env /' >>"$FOLDER/told"
while IFS= read -r line; do printf '%s\\n' "$line" >>"$FOLDER/told"; case $line in AUTH*) echo "$ANSWER" ;; PING) echo PONG ;; esac; done
`
const ask = (shell: (typeof SHELLS)[number], password: string, answer = 'OK') => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-redis-'))
  try {
    writeFileSync(join(folder, 'redis-cli'), client, { mode: 0o755 })
    writeFileSync(join(folder, 'password'), password)
    const server = { passwordFile: join(folder, 'password') as `/${string}`, user: 'admin' }
    const said = execFileSync(command(shell), ['-c', `${redisCli(server).text}\nprintf 'PING\\n' | redis`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: `${folder}:${process.env['PATH']}`, FOLDER: folder, ANSWER: answer },
    })
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
