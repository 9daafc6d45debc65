import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { writeLocalInventory } from '../../support/local-inventory.ts'
import { runPlaybook } from '../../support/run-playbook.ts'

const inventory = writeLocalInventory('web1')

/** how a script prints a secret -> its exit code */
const ways: Record<string, number> = {
  log: 0,
  object: 0,
  error: 0,
  throw: 1,
  cause: 1,
  'throw text': 1,
  callback: 1,
  rejection: 1,
  'rejected text': 1,
}
for (const [how, exit] of Object.entries(ways))
  test(`neither a secret nor codes for the terminal: ${how}`, async () => {
    // Check mode: the secret is made for the moment, and no store is needed.
    const { code, stdout, stderr } = await runPlaybook('leaking', [
      '-i',
      inventory,
      '-C',
      '--how',
      how,
    ])
    const printed = stdout + stderr
    assert.is(code, exit, printed)
    assert.match(printed, /\(secret leaking\).*\(secret leaking\)/)
    assert.not.match(printed, /correct|horse|Y29ycmVjd|\x1b\[2J/)
  })

test('a script may print its own colours', async () => {
  const { stdout } = await runPlaybook('leaking', ['-i', inventory, '-C', '--how', 'log'])
  assert.match(stdout, /^␛\[2J\x1b\[31mred\x1b\[39m .* and 7$/m)
})

test.run()
