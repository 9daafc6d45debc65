import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Event } from '../../../lib/events.ts'
import { openRecord } from '../../../lib/report/record.ts'
import { createReport, createScreen } from '../../../lib/report/report.ts'
import { makeHostNames, tellStory } from '../../support/fake-run.ts'
import { golden } from './golden.ts'

const home = mkdtempSync(join(tmpdir(), 'record-'))
test.after(() => rmSync(home, { recursive: true }))

const now = new Date('2026-11-23T17:30:05.123Z')
const runs = join(home, '.runs')
const start = (playbook = 'bootstrap-infra-stage') =>
  openRecord({ runs, playbook, now, failed: why => assert.unreachable(why) })
const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')
const events: Event[] = [...tellStory({ hosts: makeHostNames(4), check: false })].map(
  ([, event], i) => ({
    ...event,
    at: i,
  }),
)

test('events are on disk as soon as they happened, in files for their owner only', async () => {
  const view = start()
  assert.is(view.folder, join(runs, '2026-11-23T17-30-05-bootstrap-infra-stage'))
  const { event, close } = createReport({ views: [view] })
  for (const [i, one] of events.entries()) {
    event(one)
    assert.equal(read(view.folder, 'events.jsonl').trimEnd().split('\n').length, i + 1)
  }
  await close()
  assert.equal(
    read(view.folder, 'events.jsonl')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line)),
    events,
  )
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8)
  const files = ['events.jsonl', 'junit.xml', 'report.html'].map(file => join(view.folder, file))
  assert.equal([runs, view.folder, ...files].map(mode), ['700', '700', '600', '600', '600'])
  assert.is(view.page, files[2])
  assert.match(
    read(view.folder, 'report.html'),
    /<title>failed: 2026-11-23T17-30-05-bootstrap-infra-stage<\/title>/,
  )
  golden('junit.xml', read(view.folder, 'junit.xml'))
})

test('two runs in one second have two folders, and a name cannot leave the folder', () => {
  const folders = [start('a/../../b').folder, start('a/../../b').folder]
  assert.equal(folders, [
    join(runs, '2026-11-23T17-30-05-a-..-..-b'),
    join(runs, '2026-11-23T17-30-05-a-..-..-b-2'),
  ])
  assert.equal(readdirSync(home), ['.runs'])
})

test('a record that cannot be written is told once, and the run goes on', async () => {
  const told: string[] = []
  const view = openRecord({ runs, playbook: 'broken', now, failed: why => told.push(why) })
  const { event, close, state } = createReport({ views: [view] })
  event({ type: 'note', text: 'x', at: 0 })
  rmSync(view.folder, { recursive: true })
  event({ type: 'note', text: 'y', at: 1 })
  await close()
  assert.is(state.notes.length, 2)
  assert.is(told.length, 1)
  assert.match(told[0] ?? '', /is incomplete: ENOENT/)
})

test('a folder that cannot keep a record is an error with a remedy; parents are made', () => {
  const at = (place: string) =>
    openRecord({ runs: place, playbook: 'x', now, failed: assert.unreachable })
  assert.throws(
    () => at('/proc/brd/runs'),
    new RegExp(
      '^/proc/brd/runs: the record of the run cannot be written: ENOENT.*' +
        String.raw`\n {2}Set BRD_RUNS to a folder that you can write\.$`,
      'm',
    ),
  )
  writeFileSync(join(home, 'file'), '')
  assert.throws(
    () => at(join(home, 'file')),
    /file: the record of the run cannot be written: EEXIST/,
  )
  assert.ok(statSync(at(join(home, 'a/b/c')).folder).isDirectory())
  for (const name of ['file', 'a']) rmSync(join(home, name), { recursive: true })
})

test('control characters and markup do not break the XML', async () => {
  const view = start('odd')
  const { event, close } = createReport({ views: [view] })
  event({
    type: 'run-started',
    at: 0,
    playbook: '<&"\'>\0\x1b\ud800',
    check: false,
    hosts: ['a<b'],
  })
  await close()
  const xml = read(view.folder, 'junit.xml')
  assert.match(xml, '<testsuites name="&#60;&#38;&#34;\'&#62;')
  assert.match(xml, '<testsuite name="a&#60;b"')
  assert.not.match(xml, /[\0-\x08\x0b-\x1f\ud800-\udfff]/)
})

test('a script that ended early is an error in junit.xml and on the page', async () => {
  const view = start()
  const { event, close } = createReport({ views: [view] })
  event({ at: 0, type: 'run-started', playbook: 'x', check: false, hosts: ['a'] })
  const error = { message: 'the release is missing', next: 'Give --release.' }
  event({ at: 1, type: 'run-finished', exitCode: 1, ms: 1, error })
  await close()
  assert.match(
    read(view.folder, 'junit.xml'),
    /<testsuite name="the script" tests="1" failures="0" errors="1"[\s\S]*the release is missing/,
  )
  const page = read(view.folder, 'report.html')
  assert.match(page, /<h3>the script<\/h3>[\s\S]*the release is missing[\s\S]*Give --release\./)
})

test('a command that the script went on after is no failure', async () => {
  const view = start()
  const { event, close } = createReport({ views: [view] })
  const how = { outcome: 'failed', exitCode: 3, ms: 5, output: 'no', quiet: false } as const
  event({ at: 0, type: 'command', host: 'a', command: 'test -e /x', ...how })
  event({ at: 1, type: 'run-finished', exitCode: 0, ms: 1 })
  await close()
  assert.match(read(view.folder, 'junit.xml'), /tests="1" failures="0" errors="0"[\s\S]*exit 3/)
})

test('a report that could not be written is said, and the recap does not name it', async () => {
  const said: string[] = []
  const view = openRecord({ runs, playbook: 'x', now, failed: why => said.push(why) })
  let printed = ''
  const screen = createScreen({
    ...{ kind: 'plain', isTTY: false, columns: 80, diff: false, verbose: false, color: false },
    stdout: { write: (text: string) => (printed += text) },
    record: () => (view.isWhole() ? view.page : undefined),
  })
  const { event, close } = createReport({ views: [screen, view] })
  event({ at: 0, type: 'run-started', playbook: 'x', check: false, hosts: ['a'] })
  rmSync(view.folder, { recursive: true })
  await close()
  assert.match(said.join(), /^the record in \S+ is incomplete: ENOENT/)
  assert.not.match(printed, /^report:/m)
})

test.run()
