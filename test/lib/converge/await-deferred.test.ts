import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { awaitDeferred } from '../../../lib/converge/await-deferred.ts'
import type { ConvergeOptions } from '../../../lib/converge/options.ts'
import { decide, type Trouble } from '../../../lib/converge/plan.ts'
import { Deferred } from '../../../lib/deferred.ts'
import { type Operation, Unknown } from '../../../lib/operation.ts'
import { makeChange, makeProbed, makeStep } from '../../support/slots.ts'

const token = () => new Deferred<string>('the token of one')

/** An operation that needs these values, one after the other. */
const taking = (name: string, ...needed: readonly Deferred<string>[]): Operation =>
  makeStep(name, () => {
    for (const one of needed) {
      const value = one.get()
      if (value instanceof Unknown) return value
    }
    return makeChange()
  })

const awaiting = async (
  ops: readonly Operation[],
  options: Partial<ConvergeOptions> = {},
  wrong: Trouble | null = null,
) => {
  const all = makeProbed(ops)
  decide(all)
  let replans = 0
  const shell = () => Promise.reject(new Error('nothing is sent while a value is awaited'))
  const trouble = await awaitDeferred(all, { host: 'h', shell, ...options }, () => {
    replans++
    return decide(all) ?? wrong
  })
  return { trouble, replans, plans: all.map(({ plan }) => plan instanceof Unknown) }
}
const later = (work: () => void) => setTimeout(work, 10)

test('with something to do before it, or nothing to wait for, nothing is awaited', async () => {
  const ops = [makeStep('a', makeChange()), taking('b', token())]
  assert.equal(await awaiting(ops), { trouble: null, replans: 0, plans: [false, true] })
  assert.is((await awaiting([makeStep('a')])).trouble, null)
})

test('values are awaited one after the other, and what was waiting is planned', async () => {
  const [one, two] = [token(), token()]
  later(() => {
    one.provide('1')
    later(() => two.provide('2'))
  })
  const ended = await awaiting([makeStep('a'), taking('b', one, two)], { isProvided: () => true })
  assert.equal(ended, { trouble: null, replans: 2, plans: [false, false] })
})

test('a value that does not come in time is an error of what waits for it', async () => {
  const { trouble } = await awaiting([makeStep('a'), taking('b', token())], { waitSeconds: 0.01 })
  assert.equal(trouble, {
    id: 1,
    failure: { message: 'the token of one: not provided within 0.01 s' },
  })
})

test('a value that its host refuses is an error; a check calls it unknown', async () => {
  const refused = token()
  later(() => refused.reject('one failed'))
  assert.equal(await awaiting([taking('a', refused)], { check: true }), {
    trouble: null,
    replans: 0,
    plans: [true],
  })
  assert.equal((await awaiting([makeStep('a'), taking('b', refused)])).trouble, {
    id: 1,
    failure: { message: 'step b: the token of one: one failed' },
  })
})

test('a value that no host provides is not awaited, and the error says why', async () => {
  const asked: Deferred<unknown>[] = []
  const wanted = token()
  const isProvided = (deferred: Deferred<unknown>) => {
    asked.push(deferred)
    return false
  }
  const { trouble } = await awaiting([taking('a', wanted)], { isProvided })
  assert.match(
    trouble?.failure.message ?? '',
    /^step a: .*no host of this run provides it \(is one left out by --limit or --tags, or in/,
  )
  assert.equal(asked, [wanted])
})

test('a stop request ends the wait, and nothing is planned any more', async () => {
  const stop = { requested: false }
  later(() => {
    stop.requested = true
  })
  const { trouble, replans } = await awaiting([taking('a', token())], { stop })
  assert.equal([trouble, replans], [null, 0])
})

test('what is wrong with the new plans is an error, and no further value is awaited', async () => {
  const given = token()
  later(() => given.provide('1'))
  const wrong = { id: null, failure: { message: 'the saved plan has moved' } }
  const options = { waitSeconds: 5 }
  assert.is((await awaiting([taking('a', given, token())], options, wrong)).trouble, wrong)
})

test.run()
