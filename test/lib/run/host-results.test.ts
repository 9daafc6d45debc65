import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ConvergeResult } from '../../../lib/converge/options.ts'
import type { Outcome } from '../../../lib/events.ts'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { HostResults } from '../../../lib/run/host-results.ts'

const host = (name: string) => ({ name }) as Host
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(host) as [Host, Host, Host, Host]
const result = (is: ConvergeResult['result'], ...outcomes: Outcome[]): ConvergeResult => ({
  result: is,
  trips: 1,
  outcomes,
})

test('what failed, did not begin or was interrupted is left out of what follows', () => {
  const results = new HostResults()
  results.add(a, result('failed'))
  results.add(b, result('ok'))
  results.add(c, result('interrupted'))
  assert.equal(results.filterPlayable([d, c, b, a]), [d, b])
})

test('a host whose saved plan goes no further is left out, and has nothing to retry', () => {
  const results = new HostResults()
  results.halt(a)
  assert.equal([results.filterPlayable([a, b]), results.toRetry], [[b], []])
})

test('--retry is for hosts that failed, were unreachable or did not begin', () => {
  const results = new HostResults()
  const ends = ['failed', 'unreachable', 'not-begun', 'interrupted', 'ok'] as const
  for (const is of ends) results.add(host(is), result(is))
  assert.equal(results.toRetry, ['failed', 'unreachable', 'not-begun'])
  assert.equal(
    results.all.map(one => one.result),
    ends,
  )
})

test('operations of a host are numbered on from list to list, each host by itself', () => {
  const results = new HostResults()
  assert.equal([results.countListed(a), [...results.listedKeys(a)]], [0, []])
  results.addListed(a, ['file /x', 'file /y'])
  results.addListed(b, ['file /z'])
  results.addListed(a, ['file /x'])
  assert.equal([results.countListed(a), results.countListed(b)], [3, 1])
  assert.equal([...results.listedKeys(a)], ['file /x', 'file /y'])
})

const outcomes: [outcome: Outcome, differs: boolean][] = [
  [{ is: 'ok' }, false],
  [{ is: 'skipped', why: 'its tags are not selected' }, false],
  [{ is: 'would-change', diff: [] }, true],
  [{ is: 'unknown', why: 'exit 9' }, true],
  [{ is: 'not-reached' }, true],
]
for (const [outcome, differs] of outcomes)
  test(`later lists of a check ${differs ? 'may' : 'do not'} build on ${outcome.is}`, () => {
    const results = new HostResults()
    assert.is(results.differs, false)
    results.add(a, result('ok', { is: 'ok' }, outcome, { is: 'ok' }))
    results.add(b, result('ok', { is: 'ok' }))
    assert.is(results.differs, differs)
  })

test.run()
