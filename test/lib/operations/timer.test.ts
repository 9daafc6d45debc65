import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { timer } from '../../../lib/operations/timer.ts'
import { makeOutput, nothingPending } from '../../support/operations.ts'

const want = {
  name: 'backup',
  onCalendar: ['Mon..Fri 03:15', 'Sun'],
  command: 'backup --to "/srv/$HOST" --at 100%',
} as const
const units = (of: Parameters<typeof timer>[0]) =>
  timer(of)
    .slice(0, 2)
    .map(op => (op.decide(makeOutput('no\nabsent\n'), nothingPending) as Change).diff[0]?.after)

test('it is a service, a timer, and the timer runs and is enabled', () =>
  assert.equal(
    timer(want).map(({ id }) => id),
    ['systemd.unit backup.service', 'systemd.unit backup.timer', 'service backup.timer'],
  ))
test('what is run is what was written: no specifier or variable of systemd is seen in it', () =>
  assert.equal(
    units({
      ...want,
      user: 'deploy',
      description: '100%',
      environment: { HOST: 'a "b"' },
      timeoutSeconds: 60,
      randomDelaySeconds: 30,
    }),
    [
      '[Unit]\nDescription=100%%\n\n[Service]\nType=oneshot\nUser=deploy\nEnvironment="HOST=a \\"b\\""\nTimeoutStartSec=60\nExecStart=/bin/sh -c "backup --to \\"/srv/$$HOST\\" --at 100%%"\n',
      '[Unit]\nDescription=100%%\n\n[Timer]\nOnCalendar=Mon..Fri 03:15\nOnCalendar=Sun\nPersistent=true\nRandomizedDelaySec=30\n\n[Install]\nWantedBy=timers.target\n',
    ],
  ))
test('another schedule restarts the timer, in the same run', () => {
  const [, when, running] = timer(want)
  const state =
    'LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=no\nrestart=current\n'
  assert.is(running?.decide(makeOutput(state), nothingPending), null)
  const plan = running?.decide(makeOutput(state), { pending: op => op === when }) as Change
  assert.match(plan.diff[0]?.after ?? '', /restarted with .*backup\.timer/)
})
test('without it, the timer goes before what it starts', () =>
  assert.equal(
    timer({ name: 'backup', state: 'absent' }).map(({ id }) => id),
    ['systemd.unit without backup.timer', 'systemd.unit without backup.service'],
  ))
test('bad options are errors at once', () => {
  assert.throws(() => timer({ ...want, name: 'a b' }), /cannot be a unit's name/)
  assert.throws(() => timer({ ...want, command: 'a\nb' }), /one line of text/)
  assert.throws(() => timer({ ...want, onCalendar: '' }), /one line of text/)
  assert.throws(() => timer({ ...want, user: 'a b' }), /not a user's/)
})

test.run()
