import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConvergenceEnd, settleOutcomes, settleResult } from '../../../lib/converge/outcome.ts'
import type { Slot } from '../../../lib/converge/plan.ts'
import { BlockedByPlan } from '../../../lib/converge/plan-guard.ts'
import { Deferred } from '../../../lib/deferred.ts'
import type { HostResult, Outcome } from '../../../lib/events.ts'
import { Unknown } from '../../../lib/operation.ts'
import { Stopped, Unreachable } from '../../../lib/transport/connection.ts'
import { makeOutput } from '../../support/operations.ts'
import { makeChange, makeGiven } from '../../support/slots.ts'

const change = makeChange()
const unknown = new Unknown('exit 9')
const output = makeOutput('')
const first = new Set([0])
const trouble = { id: 0, failure: { message: 'step a: exit 3' } }
const normal: ConvergenceEnd = {
  check: false,
  guarded: false,
  trouble: null,
  lost: false,
  inFlight: new Set(),
  begun: new Set(),
}
const check = { check: true }
const settle = (given: readonly Partial<Slot>[], end: Partial<ConvergenceEnd> = {}): Outcome[] =>
  settleOutcomes(makeGiven(...given), { ...normal, ...end })

const ok = { is: 'ok' } as const
const notReached = { is: 'not-reached' } as const
const inFlight = { is: 'in-flight' } as const
const changed = { is: 'changed', diff: change.diff } as const
type Rows = Record<string, [slot: Partial<Slot>, end: Partial<ConvergenceEnd>, outcome: Outcome]>

const rows: Rows = {
  'as wanted': [{ output }, {}, ok],
  'as wanted in check mode': [{ output }, check, ok],
  'applied, as foreseen': [
    { firstDiff: change.diff, firstPlan: change },
    {},
    { ...changed, foreseen: true },
  ],
  'applied, and not foreseen': [
    { firstDiff: change.diff, firstPlan: null },
    {},
    { ...changed, foreseen: false },
  ],
  'declined by the operator': [
    { plan: change, declined: true },
    {},
    { is: 'skipped', why: 'it was declined' },
  ],
  'failed, whatever else is known of it': [
    { plan: change },
    { trouble, lost: true, inFlight: first, begun: first },
    { is: 'failed', error: trouble.failure },
  ],
  'running when the link was lost': [{ plan: change }, { lost: true, inFlight: first }, inFlight],
  'running when the link was lost, and read as wanted before': [
    { output },
    { lost: true, inFlight: first },
    inFlight,
  ],
  'in flight once, and read again since': [{ output }, { inFlight: first }, ok],
  'begun, and nothing proved that it is as wanted': [{ plan: change }, { begun: first }, inFlight],
  'begun, and what it is now is unknown': [{ plan: unknown }, { begun: first }, inFlight],
  'begun, and as wanted at the end': [
    { firstDiff: change.diff, firstPlan: change },
    { begun: first },
    { ...changed, foreseen: true },
  ],
  'a host that was lost before its first answer': [{ output: null }, { lost: true }, notReached],
  'lost with a change pending': [{ output, plan: change }, { ...check, lost: true }, notReached],
  'as wanted before the host was lost': [{ output }, { lost: true }, ok],
  'pending when the list ended': [{ plan: change }, {}, notReached],
  'unknown when the list ended': [{ plan: unknown }, {}, notReached],
  'pending beside a saved plan': [{ plan: change }, { guarded: true }, notReached],
  'blocked by a saved plan': [
    { plan: new BlockedByPlan('it is not in the plan') },
    { guarded: true },
    { is: 'unknown', why: 'it is not in the plan' },
  ],
  'pending in check mode': [{ plan: change }, check, { is: 'would-change', diff: change.diff }],
  'pending in check mode, and disturbing': [
    { plan: makeChange({ disruptive: 'restarts Docker' }) },
    check,
    { is: 'would-change', diff: change.diff, disruptive: 'restarts Docker' },
  ],
  'unknown in check mode with nothing before it': [
    { plan: unknown },
    check,
    { is: 'unknown', why: 'until what is listed before has been done (exit 9)' },
  ],
  'waiting for another host': [
    { plan: new Unknown('the token: not there yet', new Deferred('the token')) },
    check,
    { is: 'unknown', why: 'the token: not there yet' },
  ],
}
for (const [title, [slot, end, outcome]] of Object.entries(rows))
  test(`an operation that is ${title}: ${outcome.is}`, () =>
    assert.equal(settle([slot], end), [outcome]))

test('a failure belongs to its own operation, and trouble without one to none', () => {
  assert.equal(
    settle([{ firstDiff: null }, { plan: change }], { trouble: { ...trouble, id: 1 } }),
    [ok, { is: 'failed', error: trouble.failure }],
  )
  assert.equal(settle([{}], { trouble: { ...trouble, id: null } }), [ok])
})

const waits: [title: string, before: Partial<Slot>[], asked: string[], why: string][] = [
  ['the one change before it', [{ plan: change }, {}], [], 'until step a (exit 9)'],
  [
    'any of a few changes before it',
    [{ plan: change }, { plan: unknown }, {}, { plan: change }],
    [],
    'until one of step a, step b, step d (exit 9)',
  ],
  [
    'many changes before it',
    [{ plan: change }, { plan: change }, { plan: change }, { plan: change }],
    [],
    'until one of the 4 changes before it, from step a to step d (exit 9)',
  ],
  [
    'what its plan asked for',
    [{ plan: change }, { plan: change }, { plan: change }],
    ['step b'],
    'until step b (exit 9)',
  ],
  [
    'what it asked for, unless that is done',
    [{ plan: change }, {}],
    ['step b'],
    'until step a (exit 9)',
  ],
]
for (const [title, before, asked, why] of waits)
  test(`an unknown names ${title}`, () => {
    const last = { plan: unknown, asked: new Set(asked) }
    const outcomes = settle([...before, last, { plan: change }], check)
    assert.equal(outcomes[before.length], { is: 'unknown', why })
  })

const unreachable = new Unreachable('h', 'no answer')
const results: [thrown: unknown, failed: boolean, interrupted: boolean, is: HostResult][] = [
  [undefined, false, false, 'ok'],
  [undefined, false, true, 'interrupted'],
  [undefined, true, true, 'failed'],
  [unreachable, true, true, 'unreachable'],
  [new Stopped('h'), true, false, 'interrupted'],
  [new Error('wrong sudo password'), true, false, 'failed'],
]
for (const [thrown, failed, interrupted, is] of results)
  test(`a host is ${is}: ${thrown ?? 'nothing was thrown'}, ${failed}, ${interrupted}`, () =>
    assert.is(settleResult(thrown, failed, interrupted), is))

test.run()
