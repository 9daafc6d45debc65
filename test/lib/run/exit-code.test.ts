import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ConvergeResult } from '../../../lib/converge/converge.ts'
import { exitCode } from '../../../lib/run/exit-code.ts'

const test = suite('exit code')
const of = (
  result: ConvergeResult['result'],
  ...outcomes: ConvergeResult['outcomes'][number][]
) => ({
  result,
  outcomes,
})
const calm = { interrupted: false, threw: false, differences: true }

test('the first that fits: interrupted, bad input, failed, unreachable, differences, all good', () => {
  const [failed, gone] = [of('failed'), of('unreachable')]
  const differs = of('ok', { is: 'would-change', diff: [] })
  assert.is(exitCode([failed, gone, differs], { ...calm, interrupted: true, threw: true }), 130)
  assert.is(exitCode([failed, gone], { ...calm, threw: true }), 1)
  assert.is(exitCode([gone, failed, differs], calm), 2)
  assert.is(exitCode([gone, differs], calm), 4)
  assert.is(exitCode([of('ok', { is: 'unknown', why: 'x' })], calm), 3)
  assert.is(exitCode([differs], { ...calm, differences: false }), 0)
  assert.is(exitCode([of('ok', { is: 'ok' })], calm), 0)
})

test.run()
