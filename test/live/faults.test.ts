import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type FlakyLink, openFlakyLink } from '../support/flaky-link.ts'
import {
  interruptTwice,
  parseEvents,
  type RunResult,
  readOutcomes,
  runPlaybook,
  startPlaybook,
  waitUntil,
} from '../support/run-playbook.ts'
import { blockedStep, type StepTraces, traceSteps } from '../support/step-traces.ts'

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
test.after(async () => {
  await one?.host.end()
  await two?.host.end()
})

const flags = (...more: readonly string[]): string[] => [
  '--lab',
  '-l',
  'old-one',
  '--dir',
  one.dir,
  ...more,
]
const whole = ['begin one', 'end one', 'begin two', 'end two', 'begin three', 'end three']
const both = { changed: ['changed', 'changed', 'changed'], ok: ['ok', 'ok', 'ok'] }

test('kill -9 during a change: no other starts, and the next run waits for its end', async () => {
  const first = startPlaybook('steps', flags('--work', blockedStep))
  await one.begun('two')
  first.kill('SIGKILL')
  await first.ended
  const second = startPlaybook('steps', flags('--json'))
  await waitUntil('it waits', () => /waiting for process/.test(second.output()))
  one.release()
  const again = await second.ended
  const all = parseEvents(again.stdout)
  const notes = all.flatMap(event => (event.type === 'note' ? [event.text] : []))
  assert.match(
    notes.join(),
    /waiting for process \d+ of a run whose controller is gone \(\S+@\S+ steps [0-9a-f]{8}\)/,
  )
  assert.is(again.code, 0)
  assert.equal(readOutcomes(all, 'old-one').at(-1), 'changed')
  assert.equal(one.log(), whole)
  await waitUntil('the lease is free', () => one.lease() === '', 3)
})

test('two runs of one host: the second names the first, and does not disturb it', async () => {
  const first = startPlaybook('steps', flags('--work', blockedStep, '--json'))
  await one.begun('two')
  const lease = one.lease()
  const second = await runPlaybook('steps', flags())
  assert.is(second.code, 2)
  assert.match(
    second.stdout,
    new RegExp(`process ${lease.split(' ')[0]} ${lease.split(' ').slice(5).join(' ')}`),
  )
  one.release()
  const { code, stdout } = await first.ended
  assert.equal(
    [code, readOutcomes(parseEvents(stdout), 'old-one'), one.log()],
    [0, both.changed, whole],
  )
})

test('check mode neither needs nor takes the lease', async () => {
  const first = startPlaybook('steps', flags('--work', blockedStep))
  await one.begun('two')
  const lease = one.lease()
  const check = await runPlaybook('steps', flags('--check', '--json'))
  assert.equal(
    [check.code, readOutcomes(parseEvents(check.stdout), 'old-one'), one.lease()],
    [0, ['ok', 'would-change', 'would-change'], lease],
  )
  one.release()
  assert.is((await first.ended).code, 0)
})

test('a failure frees the lease, and the next run finishes a host left in the middle', async () => {
  const failed = await runPlaybook(
    'steps',
    flags('--work', 'echo "no space" >&2; exit 3', '--json'),
  )
  assert.equal(
    [failed.code, readOutcomes(parseEvents(failed.stdout), 'old-one'), one.lease()],
    [2, ['changed', 'failed', 'not-reached'], ''],
  )
  const again = await runPlaybook('steps', flags('--json'))
  assert.equal(
    [again.code, readOutcomes(parseEvents(again.stdout), 'old-one')],
    [0, ['ok', 'changed', 'changed']],
  )
})

test('a probe that hangs is named; the other host finishes', async () => {
  const look = 'case $(cat /etc/hostname) in old-one) sleep 44.5;; esac'
  const { code, stdout } = await runPlaybook('steps', [
    '--lab',
    '-l',
    'old-one,old-two',
    '--dir',
    one.dir,
    '--look',
    look,
  ])
  assert.is(code, 2)
  assert.match(
    stdout,
    new RegExp(
      'old-one +failed +step two' +
        String.raw`\n.*cannot be read: ` +
        'the probe hung and was ended after its deadline of 3 s',
    ),
  )
  assert.match(stdout, /old-two +- +3 +-/)
  assert.equal(one.processes(/sleep 44\.5/), [])
})

/**
 * Plays over a link that `cut` breaks in the middle of the second step: everything is done in the
 * end, and nothing twice.
 */
const overBrokenLink = async (
  more: readonly string[],
  cut: (link: FlakyLink) => void | Promise<void>,
): Promise<RunResult> => {
  const wire = await openFlakyLink('old-one')
  try {
    const run = startPlaybook('steps', flags('--json', ...more), { home: wire.home })
    await cut(wire)
    const ended = await run.ended
    const all = parseEvents(ended.stdout)
    assert.equal([ended.code, readOutcomes(all, 'old-one')], [0, both.changed], ended.stdout)
    assert.ok(all.some(event => event.type === 'note' && /the link was lost/.test(event.text)))
    assert.is(wire.connections(), 2)
    return ended
  } finally {
    await wire.close()
  }
}

test('the link is cut during a change: the run comes back, and applies nothing twice', async () => {
  await overBrokenLink(['--work', blockedStep], async wire => {
    await one.begun('two')
    wire.cut()
    one.release()
  })
  assert.equal(one.log(), whole)
})

test('sshd on the host ends the session in the middle of a change: as a cut link', async () => {
  await overBrokenLink(['--work', blockedStep], async () => {
    await one.begun('two')
    one.host.root(`p=$(readlink /run/brd/lease); p=\${p%% *}
until [ "$(cat /proc/$p/comm)" = sshd ]; do p=$(ps -o ppid= -p $p | tr -d ' '); done
kill -KILL $p`)
    one.release()
  })
  assert.equal(one.log(), whole)
})

test('the link is cut during an upload: a part never counts as the whole', async () => {
  const bytes = 3_000_000
  await overBrokenLink(['--bytes', String(bytes)], wire => wire.cutAfter(1_000_000))
  assert.is(one.host.root(`wc -c <${one.dir}/two`).trim(), String(bytes))
  assert.is(one.log().filter(line => line === 'end two').length, 1)
})

for (const from of ['here', 'there'] as const)
  test(`a link cut on the way ${from === 'here' ? 'to' : 'from'} a host: all or none`, async () => {
    const wire = await openFlakyLink('old-one')
    const run = async (): Promise<RunResult> => {
      one.host.root(`rm -rf ${one.dir}`)
      return runPlaybook('steps', flags('--json', '--bytes', '20000'), { home: wire.home })
    }
    // what is cut short in its upload is begun again
    const ends = () => one.log().filter(line => line.startsWith('end'))
    try {
      assert.is((await run()).code, 0)
      const all = wire.carried()[from]
      for (const share of [0.15, 0.3, 0.45, 0.6, 0.75, 0.9]) {
        wire.cutAfter(Math.floor(all * share), from)
        const ended = await run()
        if (ended.code === 0)
          assert.equal(
            ends(),
            ['end one', 'end two', 'end three'],
            `cut at ${share}: ${ended.stdout}`,
          )
        else assert.equal([ended.code, one.log()], [4, []], `cut at ${share}: ${ended.stdout}`)
      }
    } finally {
      await wire.close()
    }
  })

test('a silent link: a second Ctrl-C ends the run, which says what was in flight', async () => {
  const wire = await openFlakyLink('old-one')
  try {
    const run = startPlaybook('steps', flags('--json', '--work', blockedStep), { home: wire.home })
    await one.begun('two')
    wire.freeze()
    await interruptTwice(run)
    await waitUntil('the run has ended', () => run.child.exitCode !== null, 20)
    const { code, stdout } = await run.ended
    assert.equal(
      [code, readOutcomes(parseEvents(stdout), 'old-one')],
      [130, ['in-flight', 'in-flight', 'in-flight']],
    ) // nobody can tell whether the third has begun
  } finally {
    await wire.close()
  }
  one.release()
  await waitUntil('the host has let go', () => one.lease() === '', 20)
})

test.run()
