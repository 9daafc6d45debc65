import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  decide,
  describeRestless,
  findApplicable,
  findAwaited,
  findUnsettled,
  isChange,
  makeSlots,
  recordFirstDiff,
  type Slot,
} from '../../../lib/converge/plan.ts'
import { Deferred, Refusal } from '../../../lib/deferred.ts'
import { type Context, type Operation, type Output, Unknown } from '../../../lib/operation.ts'
import { makeOutput } from '../../support/operations.ts'
import { makeChange, makeGiven, makeProbed, makeStep } from '../../support/slots.ts'

const change = makeChange()
const unknown = new Unknown('no unit')
const awaiting = new Unknown('the token of one: not there yet', new Deferred('the token of one'))
const throwing = (error: unknown) => () => {
  throw error
}

test('what was read and is refused says why, and what to do', () => {
  const failed = (...more: [string?]) =>
    decide(makeProbed([makeStep('a', new Refusal('it failed', 'begin it anew', ...more))]))?.failure
  assert.equal(failed(), { message: 'step a: it failed', next: 'begin it anew' })
  assert.equal(failed('its last line'), {
    message: 'step a: it failed',
    next: 'begin it anew',
    stderr: 'its last line',
  })
})

test('events count operations by their numbers in the run, or by their places', () => {
  const ops = [makeStep('a'), makeStep('b')]
  const numbers = (given?: number[]) => makeSlots(ops, given).map(({ number }) => number)
  assert.equal(
    [numbers(), numbers([4, 7])],
    [
      [0, 1],
      [4, 7],
    ],
  )
})

test('before its first round an operation has been neither read, applied nor declined', () => {
  const [{ op, ...slot } = { op: null }] = makeSlots([makeStep('a')])
  assert.is(op?.id, 'step a')
  assert.equal(slot, {
    number: 0,
    output: null,
    plan: null,
    dependent: false,
    asked: new Set(),
    applied: 0,
    firstDiff: null,
    firstPlan: undefined,
    moved: 0,
    declined: false,
  })
})

const unreadable: Record<string, [Output | null, Operation['decide'], string]> = {
  'was not probed': [null, () => change, 'not probed'],
  'answered in part': [
    { ...makeOutput('x'), cut: 'the host is full' },
    () => change,
    "the probe's answer is not whole: the host is full",
  ],
  hung: [
    { ...makeOutput(''), exitCode: 124 },
    () => change,
    'the probe hung and was ended after its deadline of 15 s or less',
  ],
  'printed what nobody understands': [
    makeOutput(''),
    throwing(new Error('not JSON')),
    'what the probe printed was not understood: not JSON',
  ],
  'was read by what throws a text': [
    makeOutput(''),
    throwing('odd'),
    'what the probe printed was not understood: odd',
  ],
  'says itself that it cannot be read': [makeOutput(''), () => unknown, 'no unit'],
}
for (const [title, [output, plan, why]] of Object.entries(unreadable))
  test(`what ${title} is an error, never "absent"`, () => {
    const all = makeProbed([makeStep('a', plan)], output)
    assert.equal(decide(all), { id: 0, failure: { message: `step a: cannot be read: ${why}` } })
    assert.equal(all[0]?.plan, new Unknown(why))
  })

test('a plan gets what the probe printed', () => {
  const all = makeProbed([makeStep('a', ({ stdout }) => new Unknown(stdout.toString()))])
  for (const slot of all) slot.output = makeOutput('printed')
  assert.match(decide(all)?.failure.message ?? '', /printed$/)
})

const troubles: Record<string, [ops: Operation[], pendingBefore: boolean, id: number | null]> = {
  'all is as wanted': [[makeStep('a'), makeStep('b')], false, null],
  'a change is no trouble': [[makeStep('a', change)], false, null],
  'nothing is pending before it': [[makeStep('a'), makeStep('b', unknown)], false, 1],
  'a change after it does not help': [[makeStep('a', unknown), makeStep('b', change)], false, 0],
  'a change before it may': [[makeStep('a', change), makeStep('b', unknown)], false, null],
  'an earlier list may': [[makeStep('a', unknown)], true, null],
  'another host may': [[makeStep('a', awaiting)], false, null],
  'what waits for another host may': [
    [makeStep('a', awaiting), makeStep('b', unknown)],
    false,
    null,
  ],
  'the first of two is named': [[makeStep('a', unknown), makeStep('b', unknown)], false, 0],
}
for (const [title, [ops, pendingBefore, id]] of Object.entries(troubles))
  test(`what cannot be read: ${title}`, () =>
    assert.is(decide(makeProbed(ops), pendingBefore)?.id ?? null, id))

test('what was declined is left as it is, and holds up nothing', () => {
  const all = makeProbed([makeStep('a', change), makeStep('b', unknown)])
  for (const slot of all.slice(0, 1)) slot.declined = true
  assert.is(decide(all)?.id, 1)
  assert.is(all[0]?.plan, null)
})

test('a plan that follows a pending change depends on it, until that is made', () => {
  let now = 'old'
  const file = makeStep('file', () => (now === 'new' ? null : change))
  const other = makeStep('other')
  const seen: boolean[][] = []
  const service = makeStep('service', (_, { pending }) => {
    seen.push([pending(file), pending(other)])
    return pending(file) ? change : null
  })
  const all = makeProbed([file, other, service])
  const state = () => all.slice(1).map(({ dependent, asked }) => [dependent, [...asked]])
  decide(all)
  assert.equal(state(), [
    [false, []],
    [true, ['step file']],
  ])
  now = 'new'
  decide(all)
  assert.equal(state(), [
    [false, []],
    [false, []],
  ])
  assert.equal(seen, [
    [true, false],
    [false, false],
  ])
})

test('a plan that asks no more depends on nothing', () => {
  const file = makeStep('file', change)
  let asks = true
  const service = makeStep('service', (_, { pending }) =>
    asks && pending(file) ? change : unknown,
  )
  const all = makeProbed([file, service])
  decide(all)
  asks = false
  decide(all)
  assert.is(all[1]?.dependent, false)
})

test('a plan that asks for two depends on the one of them that is pending', () => {
  const [file, still] = [makeStep('file', change), makeStep('still')]
  const asks = (_: Output, { pending }: Context) => {
    pending(file)
    pending(still)
    return null
  }
  const all = makeProbed([file, still, makeStep('service', asks)])
  decide(all)
  assert.equal([all[2]?.dependent, [...(all[2]?.asked ?? [])]], [true, ['step file']])
})

test('a change that was not foreseen by the first round stays so', () => {
  let plan: typeof change | null = null
  const all = makeProbed([makeStep('a', () => plan)])
  decide(all)
  plan = change
  decide(all)
  assert.equal([all[0]?.firstPlan, all[0]?.plan], [null, change])
})

const promised: [makes: string, thing: string, is: boolean][] = [
  ['folder /a', 'folder /a', true],
  ['folder /a', 'folder /a/b', false],
  ['user bob', 'user bob', true],
  ['user bob', 'user bobby', false],
  ['below /a', 'folder /a/b', true],
  ['below /a', 'folder /a/b/c', true],
  ['below /a/', 'folder /a/b', true],
  ['below /', 'folder /a', true],
  ['below /a', 'folder /ab', false],
  ['below /a', 'user a', false],
]
for (const [makes, thing, is] of promised)
  test(`a change that makes ${makes} ${is ? 'promises' : 'does not promise'} ${thing}`, () => {
    const answers: unknown[] = []
    const asks = makeStep('asks', (_, context) => {
      answers.push(context.promised?.(thing))
      return null
    })
    const maker = makeStep('makes', change, { makes: ['group x', makes] })
    decide(makeProbed([asks, maker, asks]))
    decide(makeProbed([{ ...maker, decide: () => null }, asks]))
    assert.equal(answers, [false, is, false])
  })

const long = `${'x'.repeat(60)}`
const shown: [before: string | null, after: string | null, line: string][] = [
  [null, 'there', 'state: absent -> there'],
  ['there', null, 'state: there -> absent'],
  [' two\n\n lines ', '', 'state: two lines -> '],
  [long, `${long}y`, `state: ${long} -> ${'x'.repeat(57)}...`],
]
for (const [before, after, line] of shown)
  test(`the last change of a batch still differs (${line.slice(0, 40)})`, () => {
    const plan = makeChange({ diff: [{ key: 'state', before, after }] })
    assert.equal(findUnsettled(makeGiven({ plan }), [0]), {
      id: 0,
      failure: { message: `step a: applied, exit 0, and still differs (${line})` },
    })
  })

test('all that still differs is named', () => {
  const diff = ['mode', 'owner'].map(key => ({ key, before: 'a', after: 'b' }))
  const { failure } = findUnsettled(makeGiven({ plan: makeChange({ diff }) }), [0]) ?? {}
  assert.match(failure?.message ?? '', /\(mode: a -> b, owner: a -> b\)$/)
})

const calm: Record<string, [given: Partial<Slot>[], applied: number[]]> = {
  'nothing is left': [[{ applied: 1 }], [0]],
  'an unknown is not a difference': [[{ plan: unknown, applied: 2 }], [0]],
  'nothing was applied': [[{ plan: change }], []],
  'what it watches goes on': [[{ plan: makeChange({ watchSeconds: 9 }), applied: 5 }], [0]],
  'a later change may have undone it once': [
    [{ plan: change, applied: 1 }, { applied: 1 }],
    [0, 1],
  ],
}
for (const [title, [given, applied]] of Object.entries(calm))
  test(`a batch settled what it should: ${title}`, () =>
    assert.is(findUnsettled(makeGiven(...given), applied), null))

test('what is undone a second time is an error that names what was applied beside it', () => {
  const [once, never] = [{ applied: 1 }, { applied: 0 }]
  const all = makeGiven(once, { plan: change, applied: 2 }, never, { plan: change, applied: 1 })
  assert.equal(findUnsettled(all, [1, 0]), {
    id: 1,
    failure: {
      message: 'step b: applied 2 times and undone again (state: absent -> done)',
      next:
        'it conflicts with another operation or process; ' + 'applied beside it: step a, step d',
    },
  })
})

const restless: [count: number, id: number | null, text: string][] = [
  [0, null, 'not settled after 12 rounds: '],
  [1, 1, 'not settled after 12 rounds: step b'],
  [3, 1, 'not settled after 12 rounds: step b, step c, step d'],
  [5, 1, 'not settled after 12 rounds: step b, step c, step d, and 2 more'],
]
for (const [count, id, message] of restless)
  test(`${count} operations that do not settle are named, three at most`, () => {
    const plans = Array.from({ length: count }, () => ({ plan: change }))
    assert.equal(describeRestless(makeGiven({}, ...plans), 12), { id, failure: { message } })
  })

test('the next batch has the changes before the first unknown', () => {
  const changed = { plan: change }
  assert.equal(findApplicable(makeGiven({}, changed, {}, changed)), [1, 3])
  assert.equal(findApplicable(makeGiven(changed, { plan: unknown }, changed)), [0])
  assert.equal(findApplicable(makeGiven({ plan: awaiting }, changed)), [])
})

test('another host is awaited once nothing else can be done before its value', () => {
  assert.is(findAwaited(makeGiven({}, { plan: awaiting }, { plan: change })), awaiting)
  assert.is(findAwaited(makeGiven({ plan: change }, { plan: awaiting })), null)
  assert.is(findAwaited(makeGiven({ plan: unknown }, { plan: awaiting })), null)
  assert.is(findAwaited(makeGiven({}, {})), null)
})

test('a change is neither an unknown nor nothing', () =>
  assert.equal([change, unknown, null].map(isChange), [true, false, false]))

test('the report keeps the diff of the first time that something was applied', () => {
  const again = makeChange({ diff: [] })
  const [slot, sent] = makeGiven({ plan: change }, { plan: unknown })
  assert.ok(slot && sent)
  recordFirstDiff(slot)
  slot.plan = again
  recordFirstDiff(slot)
  recordFirstDiff(sent)
  assert.equal([slot.firstDiff, sent.firstDiff], [change.diff, []])
})

test.run()
