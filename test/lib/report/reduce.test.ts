import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { EventBody, Outcome } from '../../../lib/events.ts'
import { reduce } from '../../../lib/report/reduce.ts'
import { createRunState, type RunState } from '../../../lib/report/run-state.ts'

const fold = (events: readonly EventBody[]): RunState =>
  events.reduce((state, event, at) => reduce(state, { ...event, at }), createRunState())
const host = 'web1'
const started: EventBody = { type: 'run-started', playbook: 'site', check: false, hosts: [host] }
const play: EventBody = { type: 'play-started', play: 0, name: 'web', hosts: [host] }
const listed: EventBody = {
  type: 'host-listed',
  host,
  play: 0,
  ops: [
    { kind: 'file', name: '/etc/motd', role: 'base', tags: [] },
    { kind: 'service', name: 'caddy', role: 'caddy', tags: ['web'] },
  ],
}
const settled = (op: number, outcome: Outcome): EventBody => ({
  type: 'op-settled',
  host,
  op,
  outcome,
  ms: 5,
})
const changed: Outcome = {
  is: 'changed',
  foreseen: true,
  diff: [{ key: 'mode', before: '600', after: '644' }],
}
const finished = (over: object = {}): EventBody => ({
  type: 'host-finished',
  host,
  result: 'ok',
  trips: 2,
  ms: 40,
  ...over,
})
const end: EventBody = { type: 'run-finished', exitCode: 0, ms: 50 }
const of = (state: RunState) => state.hosts.get(host)

test('a whole run', () => {
  const state = fold([
    started,
    play,
    { type: 'host-connected', host, ms: 7 },
    listed,
    settled(0, changed),
    settled(1, { is: 'ok' }),
    finished(),
    end,
  ])
  assert.is(state.playbook, 'site')
  assert.is(state.at, 7)
  assert.is(of(state)?.connectedMs, 7)
  assert.is(of(state)?.counts.changed, 1)
  assert.is(of(state)?.counts.ok, 1)
  assert.equal(of(state)?.ops[0]?.outcome, changed)
  assert.equal([state.exitCode, state.ms, state.faults], [0, 50, []])
})

test('a step counts the hosts that are done with it, and what it changed', () => {
  const state = fold([started, play, listed, settled(0, changed)])
  const [base, caddy] = ['base', 'caddy'].map(role => state.plays[0]?.steps.get(role))
  assert.equal([base?.done, base?.left.size, base?.changed], [1, 1, 1])
  assert.equal([caddy?.done, caddy?.left.size, caddy?.changed], [0, 1, 0])
})

test('the current operation is known until the next one, its outcome or the end', () => {
  const state = fold([started, play, listed, { type: 'op-started', host, op: 0 }])
  assert.is(of(state)?.running, 0)
  assert.equal(state.plays[0]?.steps.get('base')?.running.get(host), 0)
  reduce(state, { at: 9, type: 'op-started', host, op: 1 })
  assert.is(state.plays[0]?.steps.get('base')?.running.size, 0)
  assert.is(state.plays[0]?.steps.get('caddy')?.running.get(host), 1)
  reduce(state, { at: 10, ...finished() } as Parameters<typeof reduce>[1])
  assert.is(of(state)?.running, undefined)
  assert.is(state.plays[0]?.steps.get('caddy')?.running.size, 0)
})

test('a host finishes once a play: trips and time add up, the first bad result stays', () => {
  const state = fold([
    started,
    play,
    finished(),
    finished({ result: 'failed', error: { message: 'boom' } }),
    finished(),
  ])
  assert.equal(
    [of(state)?.trips, of(state)?.ms, of(state)?.result, of(state)?.error],
    [6, 120, 'failed', { message: 'boom' }],
  )
})

test('lists of later plays count on', () => {
  const state = fold([
    started,
    play,
    listed,
    { ...listed, play: 1, ops: [{ kind: 'line', name: 'x', role: 'base', tags: [] }] } as EventBody,
    settled(2, changed),
  ])
  assert.is(of(state)?.ops.length, 3)
  assert.is(state.plays[0]?.steps.get('base')?.changed, 0)
  assert.is(state.plays[1]?.steps.get('base')?.changed, 1)
})

test('notes and unknowns are kept', () => {
  const state = fold([
    started,
    play,
    listed,
    { type: 'op-unknown', host, op: 0, why: 'until docker' },
    { type: 'note', text: 'a stand-in', host },
    { type: 'note', text: 'x' },
  ])
  assert.is(of(state)?.ops[0]?.unknown, 'until docker')
  assert.equal(state.notes, [{ text: 'a stand-in', host }, { text: 'x' }])
})

const faults: Record<string, [EventBody[], RegExp]> = {
  'settled twice': [
    [listed, settled(0, changed), settled(0, { is: 'ok' })],
    /web1: file \/etc\/motd settled twice: changed, then ok/,
  ],
  'never settled': [
    [listed, settled(0, changed), finished(), end],
    /web1: service caddy never settled/,
  ],
  'never listed': [[settled(0, changed)], /web1: op-settled for operation 0/],
}
for (const [name, [events, says]] of Object.entries(faults))
  test(`law 8: an operation ${name} is a fault`, () => {
    const state = fold([started, play, ...events])
    assert.is(state.faults.length, 1)
    assert.match(state.faults[0] ?? '', says)
    assert.ok((of(state)?.counts.changed ?? 0) <= 1)
  })

test('a run of 1000 hosts with 100 operations each is followed to its end', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `h${i}`)
  const ops = Array.from({ length: 100 }, (_, i) => ({
    kind: 'file',
    name: `/f${i}`,
    role: `r${i % 5}`,
    tags: [],
  }))
  const state = createRunState()
  reduce(state, { at: 0, type: 'play-started', play: 0, name: '', hosts: names })
  for (const name of names) reduce(state, { at: 1, type: 'host-listed', host: name, play: 0, ops })
  for (const name of names)
    for (const op of ops.keys()) {
      reduce(state, { at: 2, type: 'op-started', host: name, op })
      reduce(state, { at: 2, type: 'op-settled', host: name, op, outcome: changed, ms: 1 })
    }
  reduce(state, { at: 3, type: 'run-finished', exitCode: 0, ms: 3 })
  assert.equal(state.faults, [])
  assert.equal(
    [...(state.plays[0]?.steps.values() ?? [])].map(step => [
      step.done,
      step.changed,
      step.running.size,
    ]),
    Array(5).fill([1000, 20_000, 0]),
  )
})

test.run()
