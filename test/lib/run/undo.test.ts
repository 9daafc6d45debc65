import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Loopback, startLoopback } from '../../support/loopback.ts'
import {
  type RunningPlaybook,
  type RunResult,
  startPlaybook,
  waitUntil,
} from '../../support/run-playbook.ts'

let hosts: Loopback
test.before(async () => {
  hosts = await startLoopback(['a', 'b'])
})
test.after(() => hosts?.stop())
test.after.each(() => hosts?.clear())

const flags = (...more: readonly string[]): string[] => [
  '-i',
  hosts.inventory,
  '--dir',
  hosts.folder,
  ...more,
]
const start = (...more: readonly string[]): RunningPlaybook =>
  startPlaybook('undoing', flags(...more))
const log = (name: string): string[] => {
  const path = `${hosts.folder}/${name}/log`
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}
const logs = (): string[][] => ['a', 'b'].map(log)
const begun = (what: string) => () => logs().every(lines => lines.includes(`begin ${what}`))
/** Work that goes on until the test has made a file. */
const untilGo = (): string => `while [ ! -e ${hosts.folder}/go ]; do sleep 0.1; done`
const go = (): void => writeFileSync(`${hosts.folder}/go`, '')
/** Interrupts the run, so long after an earlier time that it does not count as the same. */
const press = async (run: RunningPlaybook, heard: RegExp): Promise<void> => {
  await new Promise(resolve => setTimeout(resolve, 600))
  run.kill('SIGINT')
  await waitUntil(`it is heard: ${heard}`, () => heard.test(run.output()))
}
/** The shells of this machine that have heard of an interruption. */
const listStopped = (): string[] =>
  readdirSync('/dev/shm').filter(name => existsSync(`/dev/shm/${name}/stop`))
/** Interrupts the run while both hosts are in a change, and waits until their shells know. */
const pressInChange = async (run: RunningPlaybook): Promise<void> => {
  const before = new Set(listStopped())
  await press(run, /SIGINT: each host ends/)
  const find = () => listStopped().filter(name => !before.has(name))
  await waitUntil('both shells have heard', () => find().length >= 2)
}
const squeeze = ({ stdout }: RunResult): string => stdout.replace(/\s+/g, ' ')
const undone = ['begin back', 'end back', 'undone']

test('Ctrl-C in mid-run: the running change ends, and the undo reaches its hosts', async () => {
  const run = start('--work', untilGo())
  await waitUntil('the work runs', begun('one'))
  await pressInChange(run)
  go()
  const result = await run.ended
  assert.is(result.code, 130, result.stderr)
  for (const lines of logs()) assert.equal(lines, ['begin one', 'end one', ...undone])
  assert.match(squeeze(result), /note the work: is being undone/)
  assert.is(result.stderr, 'interrupted\n')
})

test('an undo reaches hosts that failed, nothing else does; the exit code stays', async () => {
  const run = start('--work', 'exit 3')
  const { code, stdout } = await run.ended
  assert.is(code, 2, stdout)
  for (const lines of logs()) assert.equal(lines, ['begin one', ...undone])
})

test('an undo waits for the commands that were begun beside it', async () => {
  const run = start('--work', 'exit 3', '--beside', `${untilGo()}; echo beside >>log`)
  await waitUntil('the work runs', begun('one'))
  await waitUntil('the work has failed', () => /failed/.test(run.output()))
  assert.ok(logs().every(lines => !lines.includes('begin back')))
  go()
  await run.ended
  for (const lines of logs()) assert.equal(lines, ['begin one', 'beside', ...undone])
})

test('the second Ctrl-C ends the undo too', async () => {
  const run = start('--work', untilGo(), '--back', 'sleep 600')
  await waitUntil('the work runs', begun('one'))
  await pressInChange(run)
  go()
  await waitUntil('the undo runs', begun('back'))
  await press(run, /ending what runs on the hosts/)
  const result = await run.ended
  assert.is(result.code, 130)
  for (const lines of logs()) assert.equal(lines, ['begin one', 'end one', 'begin back'])
  assert.match(squeeze(result), /note the work: not undone: interrupted/)
})

test('Ctrl-C while a failure is undone: the undo goes on, and says so', async () => {
  const run = start('--work', 'exit 3', '--back', untilGo())
  await waitUntil('the undo runs', begun('back'))
  await press(run, /what is being undone goes on; press Ctrl-C again/)
  go()
  const { code } = await run.ended
  assert.is(code, 130)
  for (const lines of logs()) assert.equal(lines, ['begin one', ...undone])
})

test('after two interruptions it is not begun, and a note names what is not undone', async () => {
  const run = start('--work', 'sleep 600')
  await waitUntil('the work runs', begun('one'))
  await press(run, /SIGINT: each host ends/)
  await press(run, /ending what runs on the hosts/)
  const result = await run.ended
  assert.is(result.code, 130)
  for (const lines of logs()) assert.equal(lines, ['begin one'])
  assert.match(squeeze(result), /note the work: not undone: the run was interrupted twice/)
})

test('an undo has a deadline, which ends what runs', async () => {
  const result = await start('--back', 'sleep 600', '--seconds', '2').ended
  for (const lines of logs())
    assert.equal(lines, ['begin one', 'end one', 'begin two', 'end two', 'begin back'])
  assert.match(squeeze(result), /the work: not undone within 2 s: ending what runs on the hosts/)
  assert.is.not(result.code, 0)
})

test('a saved plan has no part of what is undone, and does not keep it from hosts', async () => {
  const plan = `${hosts.folder}/plan`
  const check = await start('--check', '--plan-out', plan).ended
  assert.is(check.code, 0, check.stderr)
  assert.not.match(readFileSync(plan, 'utf8'), /step back/)
  const { code, stderr } = await start('--plan', plan).ended
  assert.is(code, 0, stderr)
  for (const lines of logs())
    assert.equal(lines, ['begin one', 'end one', 'begin two', 'end two', ...undone])
})

test('check mode undoes nothing and says what it would', async () => {
  const { code, stdout } = await start('--check').ended
  assert.equal([code, logs()], [0, [[], []]], stdout)
  assert.match(stdout, /step back/)
})

test.run()
