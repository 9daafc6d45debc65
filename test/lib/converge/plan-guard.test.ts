import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findApplicable } from '../../../lib/converge/plan.ts'
import { BlockedByPlan, blockChanges } from '../../../lib/converge/plan-guard.ts'
import { Unknown } from '../../../lib/operation.ts'
import { makeChange, makeGiven } from '../../support/slots.ts'

test('a change that the saved plan does not contain is not made, nor is any after it', () => {
  const [plan, unknown] = [makeChange(), new Unknown('exit 9')]
  const all = makeGiven({}, { plan }, { plan }, { plan }, { plan: unknown })
  const asked: number[] = []
  const blocks = (id: number) => {
    asked.push(id)
    return id === 2 ? 'it is not in the plan' : null
  }
  blockChanges(all, { blocks, findMoved: () => null })
  const blocked = new BlockedByPlan('it is not in the plan')
  assert.equal(
    all.map(slot => slot.plan),
    [null, plan, blocked, plan, unknown],
  )
  assert.instance(all[2]?.plan, BlockedByPlan)
  assert.equal([asked, findApplicable(all)], [[1, 2, 3], [1]])
})

test.run()
