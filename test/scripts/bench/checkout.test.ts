import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openGround } from '../../../scripts/bench/bench-hosts.ts'
import { openCheckout } from '../../../scripts/bench/checkout.ts'
import { measureWhole } from '../../../scripts/bench/whole.ts'
import { skip } from '../../../scripts/test/skip.ts'
import { explainMissingSshd } from '../../support/sshd.ts'

const test = suite('checkout')
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

test('hosts that are one machine are played, which a run refuses otherwise', async () => {
  const missing = explainMissingSshd()
  if (missing) skip(missing)
  const on = await openGround(2)
  try {
    const limit = on.servers.map(({ name }) => name).join(',')
    const { play } = openCheckout(root, on)
    const command = play('node', ['--limit', limit], { work: 'w2', folder: on.dir })
    assert.is((await measureWhole(command, 110_000)).changed, 0)
  } finally {
    await on.clear()
  }
})

test.run()
