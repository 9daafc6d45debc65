import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { journal } from '../../../lib/operations/journal.ts'
import { makeOutput, nothingPending } from '../../support/operations.ts'

test('its bounds are a file, and journald is restarted when they change, in the same run', () => {
  const [folder, limits, running] = journal({ size: '200M', days: 7 })
  assert.equal(
    [folder?.id, limits?.id, running?.id],
    [
      'directory /etc/systemd/journald.conf.d',
      'file /etc/systemd/journald.conf.d/50-brd.conf',
      'service systemd-journald',
    ],
  )
  const plan = limits?.decide(makeOutput('absent\n'), nothingPending) as Change
  assert.is(
    plan.diff[0]?.after,
    '[Journal]\nStorage=persistent\nSystemMaxUse=200M\nMaxRetentionSec=7day\n',
  )
  const state =
    'LoadState=loaded\nActiveState=active\nUnitFileState=static\nNeedDaemonReload=no\nrestart=current\n'
  assert.is(running?.decide(makeOutput(state), nothingPending), null)
  const restart = running?.decide(makeOutput(state), { pending: op => op === limits }) as Change
  assert.is(restart.diff[0]?.key, 'restart')
})
test('by default it keeps a gigabyte and a month', () => {
  const [, limits] = journal()
  const plan = limits?.decide(makeOutput('absent\n'), nothingPending) as Change
  assert.match(plan.diff[0]?.after ?? '', /=1G\n.*=31day/)
})
test('bad options are errors at once', () => {
  assert.throws(() => journal({ size: '0M' }), /not a size/)
  assert.throws(() => journal({ days: 0.5 }), /days: 0.5 is not possible\n {2}it is a whole number/)
})

test.run()
