import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { requirePrograms } from '../../scripts/test/skip.ts'
import {
  makeLabHome,
  parseEvents,
  readLab,
  readOutcomes,
  startPlaybook,
  waitUntil,
} from '../support/run-playbook.ts'
import { blockedStep, type StepTraces, traceSteps } from '../support/step-traces.ts'
import { openTerminal, type Terminal } from '../support/terminal.ts'

let one: StepTraces
let two: StepTraces
test.before(() => {
  one = traceSteps('old-one')
  two = traceSteps('old-two')
})
test.after.each(async () => {
  await one.clean()
  await two.clean()
})

/** The command as a person types it. */
const command = (work: string): string =>
  `npx zx test/fixtures/playbooks/steps.ts --lab -l old-one,old-two --dir ${one.dir} --work '${work}'`

const inTerminal = async (
  columns: number,
  body: (it: Terminal) => Promise<void>,
): Promise<void> => {
  requirePrograms('tmux')
  const it = await openTerminal(columns)
  const before = it.state()
  try {
    await body(it)
    await it.shows(/interrupted steps: .* in /s)
    assert.match(it.screen(), /SIGINT: each host ends the change it is making/)
    it.type('echo "ended with $?"')
    await it.shows(/ended with 130/)
    assert.equal(it.state(), before, 'the cursor is seen and the terminal is as it was')
    assert.ok(it.bytes().lastIndexOf('\x1b[?25h') >= it.bytes().lastIndexOf('\x1b[?25l'))
  } finally {
    it.close()
  }
}

/** Both hosts are in the middle of their second step. */
const middle = () => Promise.all([one.begun('two'), two.begun('two')])

/** The interruption has come to both hosts; their second steps may go on. */
const release = async (): Promise<void> => {
  await Promise.all([one.stopping(), two.stopping()])
  for (const host of [one, two]) host.release()
}

for (const columns of [80, 200])
  test(`Ctrl-C at ${columns} columns: the running change ends, no other starts; the recap`, () =>
    inTerminal(columns, async it => {
      it.type(command(blockedStep))
      await middle()
      it.press('C-c')
      await release()
      await it.shows(/interrupted steps/)
      for (const host of [one, two])
        assert.equal(host.log(), ['begin one', 'end one', 'begin two', 'end two'])
      // ok, changed, failed, interrupted, not reached, trips
      assert.match(it.screen(), /old-one +- +2 +- +1 +1 +2 /)
      assert.match(it.screen(), /interrupted steps: 2 hosts \(2 interrupted\), 4 changed/)
    }))

const twice = async (it: Terminal, work: string): Promise<void> => {
  it.type(command(work))
  await middle()
  it.press('C-c')
  await it.shows(/SIGINT: each host ends/)
  await sleep(600) // so soon after the first it would count as the same
  it.press('C-c')
}

test('a second Ctrl-C ends the running change and its children, even if they ignore SIGTERM', () =>
  inTerminal(100, async it => {
    await twice(it, 'sleep 41.5 & (trap "" TERM; sleep 42.5; :) & sleep 43.5')
    await it.shows(/interrupted steps/)
    for (const host of [one, two]) {
      assert.equal(host.log(), ['begin one', 'end one', 'begin two'])
      assert.equal(host.processes(/sleep 4[123]\.5/), [])
    }
    assert.match(it.screen(), /step two: ended by SIG(TERM|KILL)/)
  }))

test('a second Ctrl-C leaves a package manager to finish', () =>
  inTerminal(100, async it => {
    // In single quotes of the command line, hence the double ones.
    await twice(it, `cp $(command -v sh) dpkg && ./dpkg -c "${blockedStep}"`)
    await sleep(3000) // time enough for it to be ended
    await release()
    await it.shows(/interrupted steps/)
    for (const host of [one, two])
      assert.equal(host.log(), ['begin one', 'end one', 'begin two', 'end two'])
  }))

/**
 * A playbook that waits for a host which never answers is interrupted: the other host is done, this
 * one was not begun.
 */
const whileConnecting = async (
  signal: NodeJS.Signals,
  silent: { address?: string; port: number },
): Promise<void> => {
  const { hosts } = readLab()
  const home = makeLabHome({ hosts: { ...hosts, 'old-one': { ...hosts['old-one']!, ...silent } } })
  try {
    const run = startPlaybook(
      'steps',
      ['--lab', '-l', 'old-one,old-two', '--dir', one.dir, '--json'],
      {
        home: home.path,
      },
    )
    await waitUntil('the other host is done', () =>
      /"host-finished","host":"old-two"/.test(run.output()),
    )
    run.kill(signal)
    // connecting itself has 15 s
    await waitUntil('the run has ended', () => run.child.exitCode !== null, 8)
    const { code, stdout } = await run.ended
    assert.is(code, 130)
    const all = parseEvents(stdout)
    assert.equal(
      [readOutcomes(all, 'old-one'), readOutcomes(all, 'old-two')],
      [Array(3).fill('not-reached'), Array(3).fill('changed')],
    )
    assert.ok(
      all.some(
        event =>
          event.type === 'host-finished' &&
          event.host === 'old-one' &&
          event.result === 'interrupted',
      ),
    )
  } finally {
    home.remove()
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} while an address drops every packet ends at once`, async () => {
    const rule = 'INPUT -p tcp --dport 2299 -j DROP'
    one.host.root(`iptables -I ${rule}`)
    try {
      await whileConnecting(signal, { port: 2299 })
    } finally {
      one.host.root(`iptables -D ${rule}`)
    }
  })
  test(`${signal} while something listens that never speaks ends at once`, async () => {
    const mute = createServer(socket => socket.on('error', () => {}))
    const port = await new Promise<number>(resolve =>
      mute.listen(0, '127.0.0.1', () => resolve((mute.address() as { port: number }).port)),
    )
    try {
      await whileConnecting(signal, { address: '127.0.0.1', port })
    } finally {
      mute.close()
    }
  })
}

for (const signal of ['SIGTERM', 'SIGHUP'] as const)
  test(`${signal} in the middle of a change is a first Ctrl-C`, async () => {
    const run = startPlaybook('steps', [
      '--lab',
      '-l',
      'old-one',
      '--dir',
      one.dir,
      '--work',
      blockedStep,
      '--json',
    ])
    await one.begun('two')
    run.kill(signal)
    await one.stopping()
    one.release()
    const { code, stdout, stderr } = await run.ended
    assert.equal([code, stderr], [130, 'interrupted\n'])
    assert.equal(readOutcomes(parseEvents(stdout), 'old-one'), [
      'changed',
      'changed',
      'not-reached',
    ])
  })

test.run()
