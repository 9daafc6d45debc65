import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Change, Unknown } from '../../../lib/operation.ts'
import { file } from '../../../lib/operations/file.ts'
import { printDue } from '../../../lib/operations/reboot/due.ts'
import { reboot } from '../../../lib/operations/reboot.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'
import { findShell, SHELLS } from '../../support/shells.ts'

const grub = file({ path: '/etc/default/grub', content: '' })
const now = (asked: string, askedIn: string, up: string, asks: string, due = 'due', way = 'ssh') =>
  `b2\n${asked}\n${askedIn}\n${up}\n${asks}\n${due}\n${way}\n`
const request = 'new memory'

plans(reboot, {
  'reboots once for a request': [
    now('never', 'never', 'running', request),
    { request },
    ['reboot: absent -> for new memory'],
  ],
  'does so where it was asked for in this very boot': [
    now(request, 'b2', 'stopping', request),
    { request },
    ['reboot: absent -> for new memory'],
  ],
  'leaves a host that was booted since': [now(request, 'b1', 'degraded', request), { request }, []],
  'another request is another reboot': [
    now('older', 'b1', 'running', request),
    { request },
    ['reboot: absent -> for new memory'],
  ],
  'waits for one that is still starting': [
    now(request, 'b1', 'starting', request),
    { request },
    ['reboot: absent -> the host is still starting'],
  ],
  'does not wait where it did not ask': [
    now('never', 'never', 'starting', 'nothing', 'done'),
    { required: true },
    [],
  ],
  'reboots where the system asks for it': [
    now('never', 'never', 'running', 'kernel 6.2'),
    { required: true },
    ['reboot: absent -> for kernel 6.2'],
  ],
  'does so for the next kernel': [
    now('kernel 6.1', 'b1', 'running', 'kernel 6.2'),
    { required: true },
    ['reboot: absent -> for kernel 6.2'],
  ],
  'leaves what asks for nothing': [
    now('kernel 6.1', 'b1', 'running', 'nothing', 'done'),
    { required: true },
    [],
  ],
  'does not reboot for ever for a kernel that is not started': [
    now('kernel 6.2', 'b1', 'running', 'kernel 6.2'),
    { required: true },
    /rebooted for kernel 6.2 and still requires it/,
  ],
  'reboots for what was changed': [
    now('hash1', 'b1', 'running', 'hash2'),
    { on: [grub] },
    ['reboot: absent -> with /etc/default/grub'],
  ],
  'does so for what is about to change': [
    now('never', 'never', 'running', 'hash1', 'done'),
    { on: [grub] },
    ['reboot: absent -> with /etc/default/grub'],
    true,
  ],
  'leaves a host that was booted after it was touched': [
    now('never', 'never', 'running', 'hash1', 'done'),
    { on: [grub] },
    [],
  ],
  'leaves one that was rebooted for it as it is': [
    now('hash1', 'b1', 'running', 'hash1'),
    { on: [grub] },
    [],
  ],
  'does not end the machine that it runs on': [
    now('never', 'never', 'running', request, 'due', 'node'),
    { request },
    /on the machine itself \(below node\)/,
  ],
  'a failed probe is unknown': [
    { exitCode: 74, stderr: 'cat: I/O error' },
    { request },
    /I\/O error/,
  ],
  'half an answer is unknown': ['b2\nnever\n', { request }, /the probe failed/],
})

test('while what it comes after is pending, it is unknown', () => {
  const plan = reboot({ required: true, waitFor: grub }).decide(
    makeOutput(now('never', 'never', 'running', 'nothing', 'done')),
    {
      pending: op => op === grub,
    },
  )
  assert.ok(plan instanceof Unknown && plan.why === 'until file /etc/default/grub')
})
test('it is disruptive, and the link is ended on purpose', () => {
  const plan = reboot({ request, timeoutSeconds: 90 }).decide(
    makeOutput(now('never', 'never', 'running', request)),
    nothingPending,
  ) as Change
  assert.equal(
    [plan.rebootSeconds, plan.seconds, plan.disruptive],
    [90, 120, 'a reboot ends everything that runs on the host'],
  )
})
test('bad options are errors at once', () => {
  assert.throws(() => reboot({ request: 'a\nb' }), /one line/)
  assert.throws(() => reboot({ on: [] }), /at least one operation/)
  assert.throws(
    // @ts-expect-error two reasons
    () => reboot({ request, required: true }),
    /required does not go together with request/,
  )
})
test('two requests have two names and two stamps', () => {
  const [a, b] = ['a', 'b'].map(text => reboot({ request: text }))
  assert.is.not(a?.id, b?.id)
  assert.is.not(
    /reboot\.[0-9a-f]{12}/.exec(a?.probe.text ?? '')?.[0],
    /reboot\.[0-9a-f]{12}/.exec(b?.probe.text ?? '')?.[0],
  )
})

/**
 * A machine that is not to be rebooted by a test: whatever would do so is recorded, and fails the
 * test.
 */
const tools = {
  systemctl:
    'case $* in *reboot*) exit 99;; *is-system-running*) echo running;; *) echo "Thu 1970-01-01 00:00:01 UTC";; esac',
  reboot: 'exit 99',
}
for (const shell of SHELLS)
  test(`a request is printed as it is written, ${shell}`, () => {
    const probe = printDue({ request: '-n C:\\new \\c' }).text
    const said = execFileSync(findShell(shell), ['-c', probe], { encoding: 'utf8' })
    assert.is(said, '-n C:\\new \\c\ndue\n')
  })
refuses(
  'this very machine',
  () => reboot({ request: 'a test, which must never do it' }),
  /refused: this run is on the machine itself/,
  {
    tools,
  },
)
refuses(
  'this very machine, for a file that was touched',
  folder => reboot({ on: [file({ path: `${folder}/f`, content: '' })] }),
  /refused/,
  {
    tools,
    before: folder => writeFileSync(`${folder}/f`, ''),
  },
)
settles('what is not due', () => reboot({ on: [{ ...grub, paths: ['/nowhere/at/all'] }] }), {
  tools,
})

test.run()
