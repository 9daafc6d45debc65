import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { sudoers } from '../../../lib/operations/sudoers.ts'
import { makeOutput, nothingPending } from '../../support/operations.ts'

test('a file of its own, 440, that visudo has read before it is in place', () => {
  const op = sudoers({ name: 'deploy', rules: ['deploy ALL=(ALL) NOPASSWD: ALL'] })
  const plan = op.decide(makeOutput('absent\n'), nothingPending) as Change
  assert.is(op.id, 'sudoers /etc/sudoers.d/deploy')
  assert.equal(
    plan.diff.slice(0, 2).map(({ after }) => after),
    ['deploy ALL=(ALL) NOPASSWD: ALL\n', '440'],
  )
  assert.match(plan.apply.text, /visudo -csf "\$t"(.|\n)*mv -f -T "\$t"/)
})
test('a name that sudo would pass over is an error at once', () =>
  assert.throws(() => sudoers({ name: 'a.b', rules: [] }), /sudo ignores a file/))

test.run()
