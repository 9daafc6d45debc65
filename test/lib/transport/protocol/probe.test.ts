import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sh } from '../../../../lib/sh.ts'
import { MissingTools } from '../../../../lib/transport/protocol/missing-tools.ts'
import { probe } from '../../../../lib/transport/protocol/probe.ts'
import { openShell, SHELLS } from '../../../support/shells.ts'

for (const name of SHELLS) {
  const test = suite(`probe in ${name}`)

  test('returns what each fragment printed, in their order, in one round trip', async () => {
    const { shell } = openShell(name)
    const outputs = await probe(shell, [
      { fragment: sh`echo one; echo two >&2; exit 3`, seconds: 5 },
      { fragment: sh`printf 'a\0b'`, seconds: 5 },
    ])
    const printed = outputs.map(({ exitCode, stdout, stderr }) => [
      exitCode,
      stdout.toString(),
      stderr,
    ])
    assert.equal(printed, [
      [3, 'one\n', 'two\n'],
      [0, 'a\0b', ''],
    ])
    assert.is(shell.rounds, 1)
    await shell.end()
  })

  test('a fragment past its deadline ends with 124, and the shell can be used again', async () => {
    const { shell } = openShell(name)
    const [late] = await probe(shell, [{ fragment: sh`sleep 30`, seconds: 1 }])
    assert.is(late?.exitCode, 124)
    const [next] = await probe(shell, [{ fragment: sh`echo here`, seconds: 5 }])
    assert.is(next?.stdout.toString(), 'here\n')
    await shell.end()
  })

  test.run()
}

const test = suite('probe')

test('a host that lacks tools is an error that names them, and what to do', async () => {
  const { shell } = openShell('dash', '/nowhere')
  const rounds = shell.round.bind(shell)
  // The host reports another tool than those that it has.
  shell.round = (script, payloads, nonce) =>
    rounds(script.replace('for t in dd ', 'for t in dd no-such-tool '), payloads, nonce)
  const error = await probe(shell, [{ fragment: sh`echo 1`, seconds: 5 }]).catch(
    (thrown: unknown) => thrown,
  )
  assert.instance(error, MissingTools)
  assert.is((error as MissingTools).message, 'the host lacks no-such-tool')
  assert.match((error as MissingTools).next, /install coreutils/)
  await shell.end()
})

test.run()
