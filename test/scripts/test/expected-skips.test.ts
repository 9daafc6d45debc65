import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type ExpectedSkip,
  expectedSkips,
  findUnexpectedSkips,
  findUnusedEntries,
} from '../../../scripts/test/expected-skips.ts'

const skip = (reason: string) => ({ file: 'test/a.test.ts', test: 'a', reason })
const list: readonly ExpectedSkip[] = [
  { reason: /^a stand-in$/, when: 'no registry answers' },
  { reason: / not installed$/, when: 'a program is missing', notInCi: true },
]

test('a skip that the list does not name is unexpected', () => {
  const skips = [skip('a stand-in'), skip('the lab is down')]
  assert.equal(findUnexpectedSkips(skips, false, list), [skip('the lab is down')])
})

test('a missing program is expected on a person’s machine, not in CI', () => {
  const skips = [skip('tmux not installed')]
  assert.equal(findUnexpectedSkips(skips, false, list), [])
  assert.equal(findUnexpectedSkips(skips, true, list), skips)
})

test('an entry that matches no skip is found', () => {
  assert.equal(
    findUnusedEntries([skip('a stand-in')], list).map(({ when }) => when),
    ['a program is missing'],
  )
})

test('every entry says when the skip is expected', () => {
  for (const { when } of expectedSkips) assert.ok(when.length > 20, when)
})

/** Reasons as the tests give them. */
const given = [
  'grafana/grafana:11.2.0 is a stand-in on this machine',
  'loki is a stand-in in this lab',
  'tmux, zsh not installed on this machine',
  '/usr/bin/wget not installed on this machine',
  'only root can make users',
]
for (const reason of given)
  test(`expects: ${reason}`, () => assert.equal(findUnexpectedSkips([skip(reason)], false), []))

test.run()
