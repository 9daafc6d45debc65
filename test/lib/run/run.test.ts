import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Event } from '../../../lib/events.ts'
import { type Loopback, startLoopback } from '../../support/loopback.ts'
import {
  parseEvents,
  type RunResult,
  readOutcomes,
  runPlaybook,
  startPlaybook,
  waitUntil,
} from '../../support/run-playbook.ts'

let hosts: Loopback
test.before(async () => {
  hosts = await startLoopback(['a', 'b', 'c', 'd'])
})
test.after(() => hosts?.stop())
test.after.each(() => hosts?.clear())

const rolling = (...more: readonly string[]): Promise<RunResult> =>
  runPlaybook('rolling', ['-i', hosts.inventory, '--dir', hosts.folder, ...more])
const results = (all: readonly Event[]): Record<string, string> =>
  Object.fromEntries(
    all.flatMap(event => (event.type === 'host-finished' ? [[event.host, event.result]] : [])),
  )

test('--serial: batch by batch; too many failures end the playbook, which says why', async () => {
  const { code, stdout, stderr } = await rolling(
    '--serial',
    '1',
    '--max-fail',
    '0',
    '--bad',
    'b',
    '--json',
  )
  const all = parseEvents(stdout)
  assert.equal(
    [code, results(all)],
    [2, { a: 'ok', b: 'failed', c: 'not-begun', d: 'not-begun' }],
    stderr,
  )
  assert.equal(
    hosts.names.map(name => readOutcomes(all, name)),
    [
      ['changed', 'changed'],
      ['changed', 'failed'],
      ['not-reached', 'not-reached'],
      ['not-reached', 'not-reached'],
    ],
  )
  const why = all.flatMap(event =>
    event.type === 'op-settled' && event.host === 'd' && 'why' in event.outcome
      ? [event.outcome.why]
      : [],
  )
  assert.equal(why, Array(2).fill('1 of 4 hosts failed, and at most 0 may'))
  assert.equal(hosts.list('shared'), ['a', 'b'])
  assert.match(stderr, /first is given up: 1 of 4 hosts failed, and at most 0 may/)
  assert.not.ok(all.some(event => event.type === 'host-connected' && 'cd'.includes(event.host)))
})

test('the recap counts the hosts not begun, and names the file for the next run', async () => {
  const first = await rolling('--serial', '2', '--bad', 'a,b')
  assert.is(first.code, 2)
  assert.match(
    first.stdout,
    /^note {2}first is given up: every host of the batch before it failed$/m,
  )
  assert.match(first.stdout, /4 hosts \(2 failed, 2 not begun\), 2 changed, 2 failed/)
  const [, file = ''] =
    /to retry the failed hosts: -l (@\S+)/.exec(first.stdout.replace(/\n\s+/g, ' ')) ?? []
  assert.is(readFileSync(file.slice(1), 'utf8'), 'a\nb\nc\nd\n')
  const second = await rolling('-l', file, '--json')
  assert.equal(
    [second.code, results(parseEvents(second.stdout))],
    [0, { a: 'ok', b: 'ok', c: 'ok', d: 'ok' }],
  )
})

test('with --max-fail, but no batches, hosts that wait for a fork are not begun', async () => {
  const { code, stdout } = await rolling('-f', '1', '--max-fail', '25%', '--bad', 'a,b', '--json')
  assert.equal(
    [code, results(parseEvents(stdout))],
    [2, { a: 'failed', b: 'failed', c: 'not-begun', d: 'not-begun' }],
  )
})

test('batches in check mode', async () => {
  const { code, stdout } = await rolling('--serial', '1,100%', '--check', '--json')
  const all = parseEvents(stdout)
  assert.equal([code, hosts.list('shared')], [0, []])
  for (const name of hosts.names)
    assert.equal(readOutcomes(all, name), ['would-change', 'would-change', 'would-change'])
  const order = all.flatMap(event => (event.type === 'host-finished' ? [event.host] : []))
  assert.is(order[0], 'a')
})

test('Ctrl-C in the first batch: the running change ends, and no other host connects', async () => {
  const dir = `${hosts.folder}/steps`
  const work = 'while [ ! -e go ]; do sleep 0.2; done'
  const run = startPlaybook('steps', [
    '-i',
    hosts.inventory,
    '-l',
    'a,b',
    '--serial',
    '1',
    '--dir',
    dir,
    '--work',
    work,
    '--json',
  ])
  await waitUntil(
    'the second step runs',
    () =>
      hosts.list('steps').includes('one') &&
      readFileSync(`${dir}/log`, 'utf8').includes('begin two'),
  )
  run.kill('SIGINT')
  await waitUntil('it is heard', () => /SIGINT: each host ends/.test(run.output()))
  writeFileSync(`${dir}/go`, '')
  const { code, stdout, stderr } = await run.ended
  const all = parseEvents(stdout)
  assert.equal(
    [code, stderr, results(all)],
    [130, 'interrupted\n', { a: 'interrupted', b: 'interrupted' }],
  )
  assert.equal(
    [readOutcomes(all, 'a'), readOutcomes(all, 'b')],
    [['changed', 'changed', 'not-reached'], Array(3).fill('not-reached')],
  )
  assert.not.ok(all.some(event => event.type === 'host-connected' && event.host === 'b'))
})

test('a play that nobody awaits comes to its end, and the run names the mistake', async () => {
  const { code, stdout, stderr } = await runPlaybook('slips', [
    '-i',
    hosts.inventory,
    '--dir',
    hosts.folder,
    '--slip',
    'unawaited',
    '-l',
    'a',
  ])
  assert.is(code, 1, stdout)
  assert.equal(
    hosts.list('.').filter(name => name !== 'shared'),
    ['log', 'one', 'two'],
    stdout + stderr,
  )
  assert.match(
    stderr,
    /^slips: the script was over before this play was\n {2}Write await before run\.play\(…\)/m,
  )
})

test('a second playbook() in one script is refused, and what the first did is told', async () => {
  const { code, stdout, stderr } = await runPlaybook('slips', [
    '-i',
    hosts.inventory,
    '--dir',
    hosts.folder,
    '--slip',
    'twice',
    '-l',
    'a',
  ])
  assert.is(code, 1, stdout)
  assert.match(
    stderr,
    /slips\.ts: playbook\(\) is called twice, and a script is one run\n {2}Play again with the run/,
  )
  assert.not.match(stderr, /\n +at /, 'no stack')
  assert.match(stdout, /^a +note +the first is done$/m)
  assert.match(stdout, /1 host \(1 ok\), 2 changed/)
})

test('--start-at and --tags: what comes before, or is not chosen, is skipped', async () => {
  const { code, stdout } = await rolling(
    '-l',
    'a',
    '--start-at',
    'step two',
    '--skip-tags',
    'late',
    '--json',
  )
  assert.equal(
    [code, readOutcomes(parseEvents(stdout), 'a')],
    [0, ['skipped', 'changed', 'skipped']],
  )
})

test('a tag or a start that is nowhere: what was meant, and nothing is connected to', async () => {
  const runs = await Promise.all([
    rolling('--tags', 'eraly', '--json'),
    rolling('--start-at', 'step tow', '--json'),
  ])
  assert.equal(
    runs.map(({ code }) => code),
    [1, 1],
  )
  assert.match(
    runs[0]?.stderr ?? '',
    /^--tags eraly: no role or operation has this tag; did you mean "early"\?$/m,
  )
  assert.match(
    runs[1]?.stderr ?? '',
    /^--start-at "step tow": no operation has this id; did you mean "step two"\?$/m,
  )
  for (const { stdout } of runs)
    assert.not.ok(
      parseEvents(stdout).some(({ type }) => type === 'host-connected' || type === 'round-started'),
    )
})

test.run()
