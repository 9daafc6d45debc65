import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ConvergeResult } from '../../../../lib/converge/converge.ts'
import { decide, isChange, makeSlots, type Slot } from '../../../../lib/converge/plan.ts'
import type { Outcome } from '../../../../lib/events.ts'
import { type Output, operation, Unknown } from '../../../../lib/operation.ts'
import { PlanEnforcer } from '../../../../lib/run/plan/enforcer.ts'
import {
  createFingerprint,
  fingerprintChange,
  fingerprintState,
} from '../../../../lib/run/plan/fingerprint.ts'
import type { Planned, SavedPlan } from '../../../../lib/run/plan/format.ts'
import { openVault } from '../../../../lib/secrets/vault.ts'
import { sh } from '../../../../lib/sh.ts'

const { fingerprint } = await createFingerprint(openVault(async () => null, true))

/** A word on a host: how it is and how it is wanted. `?`: it cannot be read. */
type Word = { readonly name: string; readonly now: string; readonly want: string }
const word = operation('word', {
  name: ({ name }: Word) => name,
  probe: () => sh`cat it`,
  read: ({ stdout }) =>
    `${stdout}` === '?' ? new Unknown('nobody knows') : `${stdout}`.toLowerCase(),
  plan: (before, { want: after }) =>
    before === after
      ? null
      : { diff: [{ key: 'text', before, after }], apply: sh`echo ${after} >it` },
})

/** What is read and planned of a host with these words: `[now, want]` of each. */
const read = (words: Readonly<Record<string, readonly [now: string, want: string]>>): Slot[] => {
  const all = Object.entries(words).map(([name, [now, want]]) => ({ name, now, want }))
  const slots = makeSlots(all.map(one => word(one)))
  for (const [at, slot] of slots.entries())
    slot.output = { exitCode: 0, stdout: Buffer.from(all[at]?.now ?? ''), stderr: '' }
  decide(slots)
  return slots
}

const toPlanned = ({ op: { id }, output, plan }: Slot): Planned => {
  if (plan === null) return { id, does: 'nothing' }
  if (!isChange(plan)) return { id, does: 'unknown', why: plan.why }
  return {
    id,
    does: 'change',
    state: fingerprintState(fingerprint, output as Output),
    change: fingerprintChange(fingerprint, plan),
    diff: [],
  }
}

type Hosts = Readonly<Record<string, readonly Slot[]>>
/** Keeps to a plan of these plays, and begins the first with the same lists. */
const keep = (first: Hosts, more: Readonly<Record<string, Hosts>> = {}, check = false) => {
  const plays = Object.entries({ first, ...more }).map(([name, hosts]) => ({
    name,
    hosts: Object.fromEntries(
      Object.entries(hosts).map(([host, slots]) => [host, slots.map(toPlanned)]),
    ),
  }))
  const enforcer = new PlanEnforcer('F', { plays } as SavedPlan, fingerprint, check)
  const begin = (name: string, hosts: Hosts) =>
    enforcer.begin({
      name,
      hosts: new Map(
        Object.entries(hosts).map(([host, slots]) => [host, slots.map(({ op }) => op.id)]),
      ),
    })
  begin('first', first)
  return { enforcer, begin, guardOf: (host: string) => enforcer.getOptions(host).guard }
}
const result = (...outcomes: readonly Outcome['is'][]) =>
  ({ outcomes: outcomes.map(is => ({ is })) }) as unknown as ConvergeResult

const lists = suite('a playbook under a saved plan')
const messageOf = (work: () => void): string => {
  try {
    work()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing was refused'
}
const [x, y, z] = ['x', 'y', 'z'].map(name => read({ [name]: ['a', 'b'] })) as [
  Slot[],
  Slot[],
  Slot[],
]
const NEXT = '\n  What the playbook lists has changed: make a new plan.'

lists('the same plays with the same lists are accepted', () => {
  const { begin } = keep({ a: [...x, ...y] }, { second: { a: z, b: x } })
  begin('second', { a: z, b: x })
})

lists('another list is refused with the first thing that differs', () => {
  const second = (now: readonly Slot[]) => {
    const { begin } = keep({ a: x }, { second: { a: [...x, ...y] } })
    return messageOf(() => begin('second', { a: now }))
  }
  const other = '--plan F: the list of a in second is another than planned: '
  assert.is(second([...y, ...x]), `${other}the order is another${NEXT}`)
  assert.is(second([...x, ...y, ...z]), `${other}word z was not listed then${NEXT}`)
  assert.is(second(y), `${other}word x is not listed any more${NEXT}`)
  assert.is(second([...z, ...y]), `${other}word x is not listed any more${NEXT}`)
})

lists('another play, or one more, is refused by its number and name', () => {
  const one = keep({ a: x })
  assert.is(
    messageOf(() => one.begin('third', {})),
    `--plan F: it has 1 play, and the playbook goes on with third${NEXT}`,
  )
  const two = keep({ a: x }, { second: { a: x } })
  assert.is(
    messageOf(() => two.begin('other', { a: x })),
    `--plan F: its play 2 is second, and the playbook's is other${NEXT}`,
  )
})

lists('a host that the plan does not know is left out, and not changed anyhow', () => {
  const { enforcer, begin, guardOf } = keep({ a: x }, { second: { b: x } })
  const explain = () => ['a', 'b'].map(host => enforcer.explainBar(host))
  const barred = 'it was not read when the plan was made'
  assert.equal(explain(), [null, barred])
  assert.is(guardOf('b').findMoved(x), null)
  assert.is.not(guardOf('b').blocks(0), null)
  begin('second', { a: y, b: x })
  assert.equal(explain(), [barred, null])
})
lists.run()

const hosts = suite('a host under a saved plan')
/** Of each kind: one to be changed, one as wanted, one unknown. */
const planned = read({ change: ['a', 'b'], right: ['c', 'c'], unknown: ['?', 'd'] })
const change = (all: Parameters<typeof read>[0]) =>
  read({ change: ['a', 'b'], right: ['c', 'c'], unknown: ['?', 'd'], ...all })
const found = (now: readonly Slot[]) => keep({ a: planned }).guardOf('a').findMoved(now)
const refused = (id: number, what: string) => ({
  id,
  failure: {
    message: `refused: since the plan was made, ${what}`,
    next: 'See what happened there, and make a new plan.',
  },
})

hosts('as it was, it gets the planned changes, and no other', () => {
  const { blocks, findMoved } = keep({ a: planned }).guardOf('a')
  assert.is(findMoved(planned), null)
  assert.equal(
    [blocks(0), blocks(1), blocks(2)],
    [
      null,
      'not in the plan: it was as wanted when that was made',
      'unknown when the plan was made: nobody knows',
    ],
  )
})

hosts('it is refused if anything moved that was known', () => {
  assert.equal(found(change({ change: ['e', 'b'] })), refused(0, 'word change has moved'))
  assert.equal(
    found(change({ change: ['b', 'b'] })),
    refused(0, 'word change has moved'),
    'somebody else made the change',
  )
  assert.equal(
    found(change({ right: ['e', 'c'] })),
    refused(1, 'word right is not as wanted any more'),
  )
  assert.equal(
    found(change({ right: ['?', 'c'] })),
    refused(1, 'word right is not as wanted any more'),
  )
})

hosts('it is refused if the playbook wants something else of the same state', () => {
  const other = refused(0, 'word change would be changed in another way than planned')
  assert.equal(found(change({ change: ['a', 'z'] })), other)
  assert.equal(found(change({ change: ['a', 'a'] })), other)
})

hosts('everything that moved is named, by the order of the list', () => {
  assert.equal(found(read({ change: ['a', 'b'], right: ['e', 'c'], unknown: ['?', 'd'] }))?.id, 1)
  assert.equal(
    found(read({ change: ['e', 'b'], right: ['e', 'c'], unknown: ['?', 'd'] })),
    refused(0, 'word change has moved; word right is not as wanted any more'),
  )
})

hosts('what was as wanted may print something else; what was unknown may be read now', () => {
  assert.is(found(change({ right: ['C', 'c'] })), null)
  assert.is(found(change({ unknown: ['e', 'd'] })), null)
  assert.is(found(change({ unknown: ['d', 'd'] })), null)
})

hosts('what an earlier play moved is left out, and the rest of its plan is done', () => {
  const both = read({ one: ['a', 'b'], two: ['a', 'b'] })
  const { enforcer, begin, guardOf } = keep({ a: x, b: x }, { second: { a: both, b: both } })
  enforcer.takeResult('a', result('ok', 'changed'))
  enforcer.takeResult('b', result('ok', 'ok'))
  begin('second', { a: both, b: both })
  const now = read({ one: ['e', 'b'], two: ['a', 'b'] })
  const { findMoved, blocks } = guardOf('a')
  assert.is(findMoved(now), null)
  assert.equal(
    [blocks(0), blocks(1)],
    ['what an earlier play changed has moved it: make a new plan for it', null],
  )
  assert.equal(
    guardOf('b').findMoved(now),
    refused(0, 'word one has moved'),
    'on the other host nothing was changed by us',
  )
  assert.is(enforcer.end(), 'the plan F does not hold for b: make a new plan')
})
hosts.run()

const ends = suite('the end of a saved plan')
const moved = read({ x: ['e', 'b'] })

ends('a plan that was kept to was carried out; under --check it still holds', () => {
  const done = keep({ a: x }).enforcer
  assert.is(done.takeResult('a', result('changed', 'ok')), false)
  assert.is(done.end(), 'the plan F was carried out')
  assert.is(keep({ a: x }, {}, true).enforcer.end(), 'the plan F still holds')
})

ends('a host that is as it was is not called one that moved', () => {
  const { enforcer, guardOf } = keep({ a: x })
  guardOf('a').findMoved(x)
  assert.is(enforcer.end(), 'the plan F was carried out')
})

ends('a host where something was unknown gets no later play, and is named at the end', () => {
  const { enforcer } = keep({ a: x, b: x, c: x })
  const left = ['a', 'b', 'c'].map(host =>
    enforcer.takeResult(host, host === 'b' ? result('ok') : result('changed', 'unknown')),
  )
  assert.equal(left, [true, false, true])
  assert.is(
    enforcer.end(),
    'the plan F goes no further on a, c, where something was unknown: make a new plan for the rest',
  )
})

ends('all hosts that moved are named, before those that were only unknown', () => {
  const { enforcer, guardOf } = keep({ a: x, b: x, c: x })
  enforcer.takeResult('a', result('unknown'))
  for (const host of ['b', 'c']) guardOf(host).findMoved(moved)
  assert.is(enforcer.end(), 'the plan F does not hold for b, c: make a new plan')
})
ends.run()
