import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import { type OperationList, readLists } from '../../../lib/run/operation-list.ts'
import { fileExists } from '../../support/with-engine.ts'

const [a, b] = [fileExists('/a'), fileExists('/b')]

test('a list has the role that is named; lists of roles have their own, in order', () => {
  assert.equal(readLists('web1', [a, b], 'mine'), [['mine', [a, b]]])
  assert.equal(readLists('web1', { one: [a], two: [] }, 'mine'), [
    ['one', [a]],
    ['two', []],
  ])
})

const wrong: Readonly<Record<string, readonly [wanted: unknown, says: RegExp]>> = {
  'an async function': [Promise.resolve([a]), /^web1: its list is a promise\n.*may not be async/],
  'an async role': [{ base: Promise.resolve([a]) }, /^web1: base is a promise/],
  'one operation': [
    a,
    /^web1: its list is one operation\n +put it in brackets: \[file\(\{ … \}\)\]/,
  ],
  'a function that returns nothing': [
    undefined,
    /^web1: its list is undefined\n.*has to return it/,
  ],
  null: [null, /^web1: its list is null/],
  'a text': ['nginx', /^web1: its list is a string/],
  'a role that is one operation': [
    { base: a },
    /^web1: base is an operation\n.*a list of operations is expected/,
  ],
  'an entry that is not there': [
    [a, undefined],
    /^web1: entry 2 of mine is undefined\n +an operation is expected; for one.*: \.\.\.\(when \? /,
  ],
  'what && leaves': [[a, false], /^web1: entry 2 of mine is a boolean/],
  'a list in a list': [{ base: [[a]] }, /^web1: entry 1 of base is a list\n +spread it/],
  'a promise in a list': [[Promise.resolve(a)], /^web1: entry 1 of mine is a promise\n +await it/],
  'null in a list': [[null], /^web1: entry 1 of mine is null/],
}
for (const [title, [wanted, says]] of Object.entries(wrong))
  test(`no list of operations: ${title}`, () =>
    assert.throws(
      () => readLists('web1', wanted as OperationList, 'mine'),
      (error: Error) => error instanceof InputError && says.test(error.message),
    ))

test('an async function that fails besides ends nothing else', async () => {
  assert.throws(
    () =>
      readLists(
        'web1',
        Promise.reject(new Error('of its own')) as unknown as OperationList,
        'mine',
      ),
    /its list is a promise/,
  )
  // an unhandled rejection would have ended the process
  await new Promise(resolve => setImmediate(resolve))
})

test.run()
