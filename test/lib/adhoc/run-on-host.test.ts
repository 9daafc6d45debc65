import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runOnHost } from '../../../lib/adhoc/run-on-host.ts'
import { chooseExitCode, runOnHosts } from '../../../lib/adhoc/run-on-hosts.ts'
import { raw } from '../../../lib/sh.ts'
import { Unreachable } from '../../../lib/transport/connection.ts'
import { Session } from '../../../lib/transport/session.ts'
import { localReach, SHELLS } from '../../support/shells.ts'

for (const shell of SHELLS)
  test(`exit code and whole output, twice on one connection: ${shell}`, async () => {
    const connects = { count: 0 }
    const session = new Session(localReach(shell, connects))
    const first = await runOnHost(
      session,
      raw("printf 'a\\n\\377\\n'; echo no >&2; umask; pwd; cat; exit 7"),
      20,
    )
    assert.equal(first, {
      host: 'here',
      is: 'ended',
      exitCode: 7,
      stdout: 'a\n\ufffd\n0022\n/\n',
      stderr: 'no\n',
    })
    const much = await runOnHost(
      session,
      raw(
        'i=0; while [ $i -lt 3000 ]; do echo "line $i of many, so that there is much of it"; i=$((i+1)); done',
      ),
      20,
    )
    assert.is(much.is === 'ended' && much.stdout.split('\n').length, 3001)
    assert.is(connects.count, 1)
    await session.end()
  })

test('a command that does not end is ended, and the host answers again', async () => {
  const session = new Session(localReach('dash'))
  const late = await runOnHost(session, raw('echo begun >&2; sleep 100 & wait'), 1)
  assert.is(late.is, 'failed')
  assert.equal(late.is === 'failed' && late.error.message, 'killed after its time limit of 1 s')
  const next = await runOnHost(session, raw('echo there'), 10)
  assert.equal(next.is === 'ended' && next.stdout, 'there\n')
  await session.end()
})

test('one host is out of reach: the others answer, and the exit code says so', async () => {
  const gone = new Session({
    ...localReach('dash'),
    host: 'gone',
    connect: async () => {
      throw new Unreachable('gone', 'no route to host', { next: 'is it on?' })
    },
  })
  const here = new Session(localReach('dash'))
  const asking = { seconds: 20, forks: 1 }
  const all = await runOnHosts([gone, here], { ...asking, fragment: raw('echo x') })
  assert.equal(all, [
    {
      host: 'gone',
      is: 'unreachable',
      error: { message: 'gone: no route to host', next: 'is it on?' },
    },
    { host: 'here', is: 'ended', exitCode: 0, stdout: 'x\n', stderr: '' },
  ])
  assert.is(chooseExitCode(all), 4)
  assert.is(chooseExitCode(await runOnHosts([here], { ...asking, fragment: raw('exit 3') })), 2)
  assert.is(chooseExitCode(await runOnHosts([here], { ...asking, fragment: raw(':') })), 0)
  await here.end()
})

test.run()
