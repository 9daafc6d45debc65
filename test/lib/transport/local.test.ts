import { text } from 'node:stream/consumers'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connectLocally } from '../../../lib/transport/local.ts'

const output = async (command: string, input = '') => {
  const connection = connectLocally()
  const { stdin, stdout, stderr, exit } = await connection.start(command)
  stdin.end(input)
  const [out, err] = await Promise.all([text(stdout), text(stderr)])
  const how = await exit
  await connection.close()
  return { out, err, ...how }
}

test('runs a command: pipes and exit code', async () =>
  assert.equal(await output('cat; echo err >&2; exit 3', ' in \n'), {
    out: ' in \n',
    err: 'err\n',
    code: 3,
    signal: null,
  }))
test('tells the signal', async () =>
  assert.equal((await output('kill -KILL $$')).signal, 'SIGKILL'))
test('a program that does not exist is an exit code', async () =>
  assert.is((await output('/nonexistent/program')).code, 127))
test('10 MB arrive whole', async () =>
  assert.is((await output("head -c 10000000 /dev/zero | tr '\\000' x")).out.length, 10_000_000))
test('a session of its own: ^C at the terminal does not reach it', async () => {
  const [pid, session] = (await output('echo $$; ps -o sid= -p $$')).out.trim().split(/\s+/)
  assert.is(session, pid)
})
test('writing to a program that has ended does no harm', async () =>
  assert.is((await output('exec <&-; exit 0', 'x'.repeat(1_000_000))).code, 0))
test('closing leaves what runs alone', async () => {
  const connection = connectLocally()
  const { stdout, exit } = await connection.start('echo $$; exec sleep 60')
  const pid = Number(
    await new Promise(resolve => stdout.once('data', chunk => resolve(String(chunk)))),
  )
  await connection.close()
  assert.ok(process.kill(pid, 0))
  process.kill(pid, 'SIGTERM')
  assert.equal(await exit, { code: null, signal: null }, 'nothing is known of it any more')
})

test.run()
