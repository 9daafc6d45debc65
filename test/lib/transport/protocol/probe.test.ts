import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sh } from '../../../../lib/sh.ts'
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
    assert.is(shell.onPrinted, undefined, 'nothing holds what the round carried')
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

  test('after one that hung, the others of the round get five seconds', async () => {
    const { shell } = openShell(name)
    const readings = [
      { fragment: sh`sleep 60`, seconds: 1 },
      { fragment: sh`sleep 12`, seconds: 60 },
      { fragment: sh`sleep 1`, seconds: 60 },
    ]
    const codes = (await probe(shell, readings)).map(({ exitCode }) => exitCode)
    assert.equal(codes, [124, 124, 0])
    assert.is((await probe(shell, readings.slice(1, 2)))[0]?.exitCode, 0, 'in the next round')
    await shell.end()
  })

  test.run()
}
