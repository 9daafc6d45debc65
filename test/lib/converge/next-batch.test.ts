import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isMoving, nextBatch, refuseDisruptive } from '../../../lib/converge/next-batch.ts'
import type { Slot } from '../../../lib/converge/plan.ts'
import { Unknown } from '../../../lib/operation.ts'
import { makeOutput } from '../../support/operations.ts'
import { makeChange, makeGiven } from '../../support/slots.ts'

const plan = makeChange()
const watch = makeChange({ watchSeconds: 9 })
const unknown = new Unknown('exit 9')

/** The batch as words: `a?` is read again at its turn, `a!` is changed. */
const words = (given: readonly Partial<Slot>[], most?: number): string => {
  const all = makeGiven(...given)
  return nextBatch(all, most)
    .map(step =>
      'turn' in step ? `${all[step.turn.id]?.op.name}?` : nameChange(all, step.change.id),
    )
    .join(' ')
}
const nameChange = (all: readonly Slot[], id: number): string => `${all[id]?.op.name}!`

const moving = { moved: 3 }
const rows: Record<string, [given: Partial<Slot>[], batch: string, most?: number]> = {
  'nothing is pending': [[{}, {}], ''],
  'one change': [[{ plan }], 'a? a!'],
  'what is between its changes is read again too': [
    [{}, { plan }, {}, { plan }, {}],
    'b? b! c? d? d!',
  ],
  'an unknown is a barrier': [[{ plan }, { plan: unknown }, { plan }], 'a? a!'],
  'an unknown before all of it leaves nothing': [[{ plan: unknown }, { plan }], ''],
  'nothing runs beside what is watched': [
    [{ plan }, { plan: watch }, { plan }, { plan: watch }],
    'a? a! b? b!',
  ],
  'so many changes at most': [[{ plan }, {}, { plan }, { plan }], 'a? a! b? c? c!', 2],
  'what follows a change of the batch is expected to move': [
    [{ plan }, { plan, dependent: true }, { plan }],
    'a? a! b! c? c!',
  ],
  'what moved twice is still read at its turn': [[{ plan }, { plan, moved: 2 }], 'a? a! b? b!'],
  'what moves each time begins a batch': [[{ plan }, { plan, ...moving }, { plan }], 'a? a!'],
  'and is changed on what was read last': [[{}, { plan, ...moving }, { plan }], 'b! c? c!'],
  'one that moves and is as wanted holds up none': [[{ plan }, moving, { plan }], 'a? a! c? c!'],
}
for (const [title, [given, batch, most]] of Object.entries(rows))
  test(`the next batch: ${title}`, () => assert.is(words(given, most), batch))

test('a turn carries the probe and the exit code that was planned from, a change its plan', () => {
  const all = makeGiven({ plan, output: { ...makeOutput(''), exitCode: 4 } })
  const probe = all[0]?.op.probe
  assert.equal(nextBatch(all), [
    { turn: { id: 0, probe, seconds: 15, exitCode: 4 } },
    { change: { id: 0, change: plan } },
  ])
})

test('a probe moves each time once it has moved three times', () =>
  assert.equal(
    [0, 2, 3, 4].map(moved => makeGiven({ moved }).some(isMoving)),
    [false, false, true, true],
  ))

test('the first change that disturbs other work is refused', () => {
  const disturbs = { plan: makeChange({ disruptive: 'restarts Docker' }) }
  assert.equal(refuseDisruptive(makeGiven({ plan }, disturbs, disturbs)), {
    id: 1,
    failure: {
      message: 'step b: refused: restarts Docker',
      next: 'give --allow-disruption to have it done',
    },
  })
  assert.is(refuseDisruptive(makeGiven({ plan }, {})), null)
  assert.is(refuseDisruptive(makeGiven({ plan }, { plan: unknown }, disturbs)), null)
})

test.run()
