import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openFlakyLink } from '../support/flaky-link.ts'
import {
  parseEvents,
  type RunResult,
  readOutcomes,
  runPlaybook,
  startPlaybook,
  waitUntil,
} from '../support/run-playbook.ts'
import { blockedStep, type StepTraces, traceSteps } from '../support/step-traces.ts'

let one: StepTraces
test.before(() => {
  one = traceSteps('old-one')
})
test.after.each(async () => {
  one.host.root(`systemctl stop brdtest-restart 2>/dev/null || :
rm -f /run/systemd/system/brdtest-restart.service /var/lib/brd/stamps/brdtest-restart.service.*
systemctl daemon-reload
! dpkg-query --show brdtest-slow >/dev/null 2>&1 || dpkg --purge brdtest-slow >/dev/null`)
  await one.clean()
})
test.after(() => one?.host.end())

const flags = (...more: readonly string[]): string[] => [
  '--lab',
  '-l',
  'old-one',
  '--dir',
  one.dir,
  '--json',
  ...more,
]
const playRestart = (...more: readonly string[]): Promise<RunResult> =>
  runPlaybook('restart-pending', flags(...more))
const outcomes = ({ stdout }: RunResult) => readOutcomes(parseEvents(stdout), 'old-one')
const started = (): string[] => one.host.root(`cat ${one.dir}/started`).trim().split('\n')

/**
 * The service runs with its first version; then a run of the second is killed while `work` stands
 * between the file and the restart.
 */
const killedBetween = async (work: string): Promise<void> => {
  assert.is((await playRestart()).code, 0)
  assert.equal(started(), ['version 1'])
  const run = startPlaybook('restart-pending', flags('--version', '2', '--work', work))
  await one.begun('2')
  assert.is(one.host.root(`cat ${one.dir}/conf`), 'version 2\n')
  run.kill('SIGKILL')
  await run.ended
}

test('a run killed between file and restart: the next one makes the restart', async () => {
  await killedBetween(blockedStep)
  one.release()
  await waitUntil('the host has let go', () => one.lease() === '')
  assert.equal(started(), ['version 1'], 'nothing was begun after what ran')
  const next = await playRestart('--version', '2')
  assert.equal([next.code, outcomes(next)], [0, ['ok', 'ok', 'ok', 'ok', 'changed']])
  assert.equal(started(), ['version 1', 'version 2'])
  const last = await playRestart('--version', '2')
  assert.equal([last.code, outcomes(last)], [0, Array(5).fill('ok')])
  assert.equal(started(), ['version 1', 'version 2'], 'once and no more')
})

test('check mode foretells that restart', async () => {
  await killedBetween(blockedStep)
  one.release()
  await waitUntil('the host has let go', () => one.lease() === '')
  assert.equal(outcomes(await playRestart('--version', '2', '--check')), [
    'ok',
    'ok',
    'ok',
    'ok',
    'would-change',
  ])
})

test('a step fails between file and restart: the restart waits for the next run', async () => {
  assert.is((await playRestart()).code, 0)
  const failed = await playRestart('--version', '2', '--work', 'exit 3')
  assert.equal(
    [failed.code, outcomes(failed)],
    [2, ['ok', 'ok', 'changed', 'failed', 'not-reached']],
  )
  assert.equal(started(), ['version 1'])
  const next = await playRestart('--version', '2')
  assert.equal(
    [next.code, outcomes(next).at(-1), started()],
    [0, 'changed', ['version 1', 'version 2']],
  )
})

/** Installs a package by apt, whose own script waits to be let go. */
const slowPackage = `mkdir -p slow/DEBIAN; chmod 755 slow slow/DEBIAN
printf '%s\\n' 'Package: brdtest-slow' 'Version: 1' 'Architecture: all' \\
  'Maintainer: x <x@x.example>' 'Description: x' >slow/DEBIAN/control
printf '%s\\n' '#!/bin/sh' \\
  "cd $PWD; : >unpacked; while [ ! -e go ]; do sleep 0.2; done" >slow/DEBIAN/postinst
chmod 755 slow/DEBIAN/postinst; dpkg-deb --build slow slow.deb >/dev/null || exit 1
apt-get --yes -o DPkg::Lock::Timeout=60 install ./slow.deb || exit 1`
const unpacked = () =>
  waitUntil(
    'apt is in the middle of it',
    () => one.host.root(`ls ${one.dir} || :`).includes('unpacked'),
    60,
  )
const installed = (): string =>
  one.host.root(`dpkg-query --show --showformat='\${Status}' brdtest-slow`)

test('the link is cut while apt goes on: the run comes back and waits; apt runs once', async () => {
  const wire = await openFlakyLink('old-one')
  try {
    const run = startPlaybook('steps', flags('--work', slowPackage), { home: wire.home })
    await unpacked()
    wire.cut()
    await waitUntil('it waits', () => /waiting for process/.test(run.output()))
    assert.match(installed(), /half-configured/)
    one.release()
    const ended = await run.ended
    assert.equal([ended.code, outcomes(ended)], [0, Array(3).fill('changed')], ended.stdout)
    assert.is(wire.connections(), 2)
  } finally {
    await wire.close()
  }
  assert.equal(
    [installed(), one.log().filter(line => line === 'begin two').length],
    ['install ok installed', 1],
  )
})

test('kill -9 while apt goes on: apt holds the lease, and the next run waits for it', async () => {
  const first = startPlaybook('steps', flags('--work', slowPackage))
  await unpacked()
  first.kill('SIGKILL')
  await first.ended
  const lease = one.lease()
  assert.match(lease, / steps [0-9a-f]{8}$/)
  const second = startPlaybook('steps', flags('--work', slowPackage))
  await waitUntil('it waits', () => /waiting for process/.test(second.output()))
  assert.is(one.lease(), lease)
  one.release()
  const ended = await second.ended
  assert.equal([ended.code, installed()], [0, 'install ok installed'], ended.stdout)
  assert.is(one.log().filter(line => line === 'begin two').length, 1, 'apt is run once')
})

test.run()
