import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { approve } from '../../../lib/converge/approve.ts'
import type { Approve } from '../../../lib/converge/options.ts'
import { decide } from '../../../lib/converge/plan.ts'
import type { Step } from '../../../lib/transport/protocol/script.ts'
import { makeChange, makeProbed, makeStep } from '../../support/slots.ts'

const plan = makeChange()

/** Asks about `a`, `b` and `c`, which have a change each; `d` is as wanted. */
const askFor = async (answers: Record<string, Awaited<ReturnType<Approve>>>) => {
  const all = makeProbed([...['a', 'b', 'c'].map(name => makeStep(name, plan)), makeStep('d')])
  decide(all)
  const asked: string[] = []
  const ask: Approve = async ({ name }, change) => {
    assert.is(change, plan)
    asked.push(name)
    return answers[name] ?? 'no'
  }
  const steps = await approve(all, ask, () => decide(all))
  return { asked: asked.join(' '), changes: steps && listChanges(steps), all }
}
const listChanges = (steps: readonly Step[]): number[] =>
  steps.flatMap(step => ('change' in step ? [step.change.id] : []))

test('the first approved change is a batch alone, and the next is not asked for yet', async () => {
  const { asked, changes } = await askFor({ a: 'yes', b: 'yes' })
  assert.equal([asked, changes], ['a', [0]])
})

test('a declined change stays undone, and the next is asked for', async () => {
  const { asked, changes, all } = await askFor({ b: 'yes' })
  assert.equal([asked, changes], ['a b', [1]])
  assert.equal(
    all.map(({ declined }) => declined),
    [true, false, false, false],
  )
})

test('with all declined nothing is left to do', async () => {
  const { asked, changes } = await askFor({})
  assert.equal([asked, changes], ['a b c', []])
})

test('an operator who stops ends the host, and no other change is asked for', async () => {
  const { asked, changes, all } = await askFor({ b: 'stop' })
  assert.equal([asked, changes, all[1]?.declined], ['a b', null, false])
})

test('what was approved once is watched without another question', async () => {
  const watch = makeStep('a', makeChange({ watchSeconds: 9 }))
  const all = makeProbed([watch, makeStep('b', plan)])
  decide(all)
  const ask: Approve = async () => 'stop'
  assert.is(await approve(all, ask, () => {}), null)
  Object.assign(all[0] as object, { applied: 1 })
  assert.equal(listChanges((await approve(all, ask, () => {})) ?? []), [0])
})

test.run()
