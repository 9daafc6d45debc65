import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { sha256 } from '../../../lib/operations/file/content.ts'
import { sudoers } from '../../../lib/operations/sudoers.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const read = '= read\n= proven\n'
const rules = { name: 'deploy', rules: ['deploy ALL=(ALL) NOPASSWD: ALL'] }
const content = `${rules.rules[0]}\n`
const right = `regular file|440|0|0|root|root|${content.length}\n${sha256(content)}\n`
plans(sudoers, {
  'leaves what is right': [`${read}${right}`, rules, []],
  'a folder that sudo does not read is unknown': [
    `= unread\n= proven\n${right}`,
    rules,
    /sudoers does not read .etc.sudoers.d/,
  ],
  'what waits to be taken back is written again': [
    `= read\n= unproven\n${right}`,
    rules,
    ['login: unproven -> proven'],
  ],
})
test('a file of its own, 440, that visudo has read before it is in place', () => {
  const op = sudoers({ name: 'deploy', rules: ['deploy ALL=(ALL) NOPASSWD: ALL'] })
  const plan = op.decide(makeOutput(`${read}absent\n`), nothingPending) as Change
  assert.equal([plan.provenByLogin, op.key], [true, 'file /etc/sudoers.d/deploy'])
  assert.is(op.id, 'sudoers /etc/sudoers.d/deploy')
  assert.equal(
    plan.diff.slice(0, 2).map(({ after }) => after),
    ['deploy ALL=(ALL) NOPASSWD: ALL\n', '440'],
  )
  assert.match(plan.apply.text, /visudo -csf (.|\n)*mv -f -T (.|\n)*visudo -cf \/etc\/sudoers 2/)
})
test('a name that sudo would pass over is an error at once', () =>
  assert.throws(() => sudoers({ name: 'a.b', rules: [] }), /sudo ignores a file/))

test.run()
