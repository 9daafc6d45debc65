import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { renewed, type Sh, sh } from '../../../../lib/sh.ts'
import { renderRound } from '../../../../lib/transport/protocol/script.ts'

const test = suite('round-texts')

/** How often the probe of one operation is in a round that asks it at its turn and at the end. */
const countLooks = (probe: Sh): number => {
  const reading = { id: 4, probe, seconds: 5 }
  const { script } = renderRound({
    nonce: 'n',
    round: 2,
    lease: null,
    steps: [{ turn: { ...reading, exitCode: 0 } }],
    probes: [reading],
  })
  return script.split('look at').length - 1
}

test('a probe that is asked at its turn and at the end is sent once', () =>
  assert.is(countLooks(sh`look at it`), 1))

test('a probe that is made anew each time is sent as it is made', () => {
  let made = 0
  assert.is(countLooks(renewed(() => sh`look at ${++made}`)), 2)
  assert.is(made, 2)
})

test.run()
