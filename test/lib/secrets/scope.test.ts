import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { describeReaders } from '../../../lib/secrets/holders.ts'
import { checkPattern, checkScopeName, isShared, makeScope } from '../../../lib/secrets/scope.ts'
import type { StoreContents } from '../../../lib/secrets/sealed.ts'
import { complaints } from '../inventory/sample.ts'

const rows: [share: string[], name: string, is: boolean][] = [
  [[], 'a', false],
  [['a'], 'a', true],
  [['a'], 'ab', false],
  [['a'], 'a.next', true],
  [['a'], 'a.previous', true],
  [['a'], 'a.generation', true],
  [['a'], 'a.2', true],
  [['a'], 'a.first', false],
  [['a.2'], 'a.2', true],
  [['a.2'], 'a', false],
  [['stage/read-*'], 'stage/read-key', true],
  [['stage/read-*'], 'stage/read-', true],
  [['stage/read-*'], 'stage/read', false],
  [['stage/read-*'], 'stage/read-a/b', false],
  [['*/read-*'], 'stage/read-x', true],
  [['*/read-*'], 'read-x', false],
  [['*'], 'a', true],
  [['*'], 'a/b', false],
  [['a*a'], 'a', false],
  [['a*a'], 'aa', true],
  [['a*b*c'], 'aXbXc', true],
  [['a*b*c'], 'aXcXb', false],
  [['a*bc*c'], 'abc', false],
  [['x', 'y'], 'y', true],
]
for (const [share, name, is] of rows)
  test(`[${share}] ${is ? 'shares' : 'does not share'} ${name}`, () =>
    assert.is(isShared(share, name), is))

const contents: StoreContents = {
  recipients: ['age1anna', 'age1paper'],
  hmacKey: 'a2V5',
  secrets: { 'stage/read': 'r', 'stage/read.next': 'n', 'stage/write': 'w' },
  holders: {
    age1anna: { name: 'anna' },
    age1paper: { name: 'paper', offline: true, used: ['2026-10-02', '2026-07-01'] },
    age1other: { name: 'other host' },
  },
  scopes: {
    verification: { recipients: ['age1host', 'age1anna'], share: ['stage/read'] },
    other: { recipients: ['age1other'], share: [] },
  },
}

test('a scope holds copies for its own recipients and those of the store', () => {
  const { hmacKey, ...scope } = makeScope(contents, 'verification')
  assert.equal(scope, {
    scope: 'verification',
    recipients: ['age1anna', 'age1paper', 'age1host'],
    share: ['stage/read'],
    secrets: { 'stage/read': 'r', 'stage/read.next': 'n' },
    holders: {
      age1anna: { name: 'anna' },
      age1paper: { name: 'paper', offline: true, used: ['2026-10-02', '2026-07-01'] },
    },
  })
  assert.is(makeScope(contents, 'verification').hmacKey, hmacKey)
  assert.is.not(makeScope(contents, 'other').hmacKey, hmacKey)
  assert.is.not(hmacKey, contents.hmacKey)
})

test('who can read it is said in one line, with the last use of an offline key', () => {
  assert.is(
    describeReaders(makeScope(contents, 'verification')),
    'Readable by anna, paper (used 2 Oct 2026), age1host…',
  )
  assert.is(
    describeReaders({ recipients: ['x'], holders: { x: { name: 'safe', offline: true } } }),
    'Readable by safe (never used)',
  )
})

test('names of scopes and patterns that cannot be are refused', async () => {
  for (const name of ['', 'A', '../x', '-x', 'a b', 'a.age'])
    assert.equal(await complaints(() => checkScopeName(name)), [
      `"${name}" is not a valid name of a scope`,
    ])
  for (const pattern of ['', '-x', 'a b', '!a'])
    assert.equal(await complaints(() => checkPattern(pattern)), [
      `"${pattern}" is not a name or a pattern of secrets`,
    ])
  checkScopeName('verification-2')
  checkPattern('*/backup-read-*')
})

test.run()
