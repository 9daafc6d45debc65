import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ConvergeResult } from '../../../lib/converge/converge.ts'
import { computeExitCode } from '../../../lib/run/exit-code.ts'

const test = suite('exit code')
const of = (
  result: ConvergeResult['result'],
  ...outcomes: ConvergeResult['outcomes'][number][]
) => ({
  result,
  outcomes,
})
const calm = { interrupted: false, threw: false, differences: true }

test('the first that fits: interrupted, bad input, failed, unreachable, differences, ok', () => {
  const [failed, gone] = [of('failed'), of('unreachable')]
  const differs = of('ok', { is: 'would-change', diff: [] })
  assert.is(
    computeExitCode([failed, gone, differs], { ...calm, interrupted: true, threw: true }),
    130,
  )
  assert.is(computeExitCode([failed, gone], { ...calm, threw: true }), 1)
  assert.is(computeExitCode([gone, failed, differs], calm), 2)
  assert.is(computeExitCode([gone, differs], calm), 4)
  assert.is(computeExitCode([of('ok', { is: 'unknown', why: 'x' })], calm), 3)
  assert.is(computeExitCode([differs], { ...calm, differences: false }), 0)
  assert.is(computeExitCode([of('ok', { is: 'ok' })], calm), 0)
})

test('one difference on one of the hosts counts', () => {
  const same = of('ok', { is: 'ok' })
  for (const one of [
    { is: 'would-change', diff: [] },
    { is: 'unknown', why: 'x' },
  ] as const)
    assert.is(computeExitCode([same, of('ok', { is: 'ok' }, one)], calm), 3)
  assert.is(computeExitCode([same, of('ok', { is: 'skipped', why: 'x' })], calm), 0)
})

test.run()
