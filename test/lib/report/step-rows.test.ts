import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { EventBody, Failure, Outcome } from '../../../lib/events.ts'
import { reduce } from '../../../lib/report/reduce.ts'
import { createRunState } from '../../../lib/report/run-state.ts'
import { buildStepRows, mergeRows, type StepRow } from '../../../lib/report/step-rows.ts'
import { createPaint } from '../../../lib/report/style.ts'
import { makeHostNames, tellStory } from '../../support/fake-run.ts'

const rows = (events: readonly EventBody[], { now = 0, width = 74 } = {}): StepRow[] =>
  buildStepRows(
    events.reduce((state, event) => reduce(state, { ...event, at: 0 }), createRunState()),
    { now, width, paint: createPaint(false) },
  )
const shown = (all: readonly StepRow[]): string[] =>
  all.flatMap(({ is, title, details }) => [`${is}: ${title}`, ...details.map(line => `  ${line}`)])
const upTo = (events: readonly EventBody[], found: (event: EventBody) => boolean): EventBody[] =>
  events.slice(0, events.findIndex(found) + 1)

const four = [...tellStory({ hosts: makeHostNames(4), check: false })].map(([, event]) => event)
const fifty = [...tellStory({ hosts: makeHostNames(50), check: false })].map(([, event]) => event)

test('a play that is connecting', () => {
  assert.equal(shown(rows(upTo(four, ({ type }) => type === 'host-connected'))), [
    'running: hosts  1/4 hosts connected  waiting for old-two, new-prod, infra-stage',
  ])
  assert.is(
    rows(
      upTo(four, ({ type }) => type === 'host-connected'),
      { width: 40 },
    )[0]?.title,
    'hosts  1/4 hosts connected',
  )
})

test('lists that are known before anything is connected do not end the row of the play', () => {
  const [host, ops] = ['a', [{ kind: 'file', name: '/x', role: 'base', tags: [] }]]
  const known: EventBody[] = [
    { type: 'play-started', play: 0, name: 'site', hosts: [host] },
    { type: 'host-listed', host, play: 0, ops },
  ]
  assert.is(rows(known)[0]?.is, 'running')
  assert.is(rows([...known, { type: 'host-connected', host, ms: 1 }])[0]?.is, 'done')
})

test('a run with an unreachable and a failed host', () => {
  assert.equal(shown(rows(four)), [
    'failed: hosts  3/4 hosts connected  1 unreachable',
    '  old-two: connect to 192.0.2.12 port 22: no route to host',
    'done: base    3/3 hosts  6 changed',
    'done: sshd    3/3 hosts  6 changed',
    'failed: docker  2/3 hosts  8 changed  1 failed',
    '  new-prod: service docker: docker is not active 30 s after its start (exit 1)',
    'failed: swarm   2/3 hosts  4 changed  1 not reached',
  ])
})

test('the current operation gets as many words as fit, and no host name is cut', () => {
  const running = upTo(
    fifty,
    event => event.type === 'op-started' && event.op === 5 && event.host === 'web07.shop.example',
  )
  const docker = (width: number): string =>
    rows(running, { now: 12_345, width }).find(({ id }) => id === '0 docker')?.title ?? ''
  assert.is(
    docker(120),
    'docker  0/49 hosts  0/147 operations  apt docker.io (12 s) on web01.shop.example and 5 more',
  )
  const head = 'docker  0/49 hosts  0/147 operations'
  assert.is(docker(74), `${head}  apt docker.io (12 s) on 6 hosts`)
  assert.is(docker(60), `${head}  apt docker.io (12 s)`)
  assert.is(docker(50), `${head}  apt (12 s)`)
  assert.is(docker(40), head)
})

const longName = `cd /srv/shop && ./import-everything --from /backup/${'x'.repeat(60)}`

/** A row of a role on one host whose second operation runs, or has failed. */
const slowRow = (error?: Failure): StepRow | undefined => {
  const ops = ['one', longName, 'three'].map(name => ({
    ...{ kind: 'command', name, role: 'slow', tags: [] },
  }))
  const settle = (op: number, outcome: Outcome): EventBody => ({
    ...{ type: 'op-settled', host: 'web1', ms: 1, op, outcome },
  })
  const events: EventBody[] = [
    { type: 'play-started', play: 0, name: 'p', hosts: ['web1'] },
    { type: 'host-listed', host: 'web1', play: 0, ops },
    settle(0, { is: 'changed', diff: [], foreseen: true }),
    { type: 'op-started', host: 'web1', op: 1 },
    ...(error ? [settle(1, { is: 'failed', error })] : []),
  ]
  return rows(events, { now: 3000 })[1]
}

test('at 80 columns a long run says what runs, how far it is, and what has changed', () => {
  const { title = '' } = slowRow() ?? {}
  assert.is(title, 'slow  0/1 host  1/3 operations  1 changed  command cd /srv/shop && … (3 s)')
  assert.is(title.length, 74)
})

test('in the middle of a batch the operations before the running one are done', () => {
  const ops = ['one', 'two', 'three'].map(name => ({ kind: 'x', name, role: 'slow', tags: [] }))
  const events: EventBody[] = [
    { type: 'play-started', play: 0, name: 'p', hosts: ['web1'] },
    { type: 'host-listed', host: 'web1', play: 0, ops },
    { type: 'op-started', host: 'web1', op: 0 },
    { type: 'op-started', host: 'web1', op: 2 },
  ]
  assert.is(rows(events)[1]?.title, 'slow  0/1 host  2/3 operations  x three on web1')
})

test('a live failure says the cause, once, and cuts the name instead', () => {
  const lines = [
    slowRow({ message: `command ${longName}: exit 3`, stderr: 'a\nno space left\n' }),
    slowRow({ message: 'docker is not active (exit 1)', stderr: 'See "systemctl status".' }),
  ].map(row => row?.details[0])
  assert.match(lines[0] ?? '', /^web1: command cd \/srv\S* .*…: no space left \(exit 3\)$/)
  assert.match(lines[1] ?? '', /^web1: command cd .*…: docker is not active \(exit 1\)$/)
  for (const line of lines) assert.ok((line ?? '').length <= 76, line)
})

test('a step is not done while hosts of the play have not been listed', () => {
  const [a, b] = ['a', 'b'] as const
  const ops = [{ kind: 'file', name: '/x', role: 'base', tags: [] }]
  const events: EventBody[] = [
    { type: 'run-started', playbook: 'site', check: false, hosts: [a, b] },
    { type: 'play-started', play: 0, name: 'site', hosts: [a, b] },
    { type: 'host-listed', host: a, play: 0, ops },
    { type: 'op-settled', host: a, op: 0, outcome: { is: 'ok' }, ms: 1 },
  ]
  assert.is(rows(events)[1]?.is, 'running')
  assert.is(
    rows([...events, { type: 'host-finished', host: b, result: 'unreachable', trips: 0, ms: 1 }])[1]
      ?.is,
    'done',
  )
})

test('many failures of a step are counted', () => {
  const failed = (host: string): EventBody => ({
    type: 'op-settled',
    host,
    op: 0,
    outcome: { is: 'failed', error: { message: 'boom\nmore' } },
    ms: 1,
  })
  const hosts = ['a', 'b', 'c', 'd', 'e']
  const ops = [{ kind: 'file', name: '/x', role: 'base', tags: [] }]
  const all = rows([
    { type: 'play-started', play: 0, name: 'site', hosts },
    ...hosts.map((host): EventBody => ({ type: 'host-listed', host, play: 0, ops })),
    ...hosts.map(failed),
  ])
  assert.equal(all[1]?.details, [
    'a: file /x: boom',
    'b: file /x: boom',
    'c: file /x: boom',
    '… and 2 more',
  ])
})

test('rows that have no place of their own share one', () => {
  const row = (is: StepRow['is']): StepRow => ({
    id: '',
    title: '',
    details: is === 'failed' ? ['x: boom'] : [],
    is,
  })
  assert.equal(mergeRows([row('done'), row('failed'), row('running')]), {
    id: 'more',
    title: '3 more steps, 2 done, 1 failed',
    details: ['x: boom'],
    is: 'running',
  })
  assert.is(mergeRows([row('done'), row('failed')]).is, 'failed')
  assert.is(mergeRows([row('done')]).is, 'done')
})

test.run()
