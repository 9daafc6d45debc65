import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findHabits, findLongLines } from '../../../scripts/test/prose.ts'

/** planted text -> the phrases that must be found, each with its line */
const planted: readonly (readonly [text: string, found: readonly string[]])[] = [
  ['/** The caller is told. */', ['1: "is told"']],
  ['// one\n// All hosts are told of it.', ['2: "are told"']],
  ['/**\n * It throws at\n * once.\n */', ['2: "at once"']],
  ["const a = 'none of them is none'", ['1: "is none"']],
  ['throw new Error(`${text} is no number`)', ['1: "is no number"']],
  ['/** What stands there reaches nothing. */', ['1: "stands there"']],
  ['/** A stub stands in its place. */', ['1: "stands in"']],
  ['/** Null, where the host has no Docker. */', ['1: "where the"']],
  ['/** It fails where nothing is installed. */', ['1: "where nothing is"']],
  ['A network of its own, and of their own.', ['1: "of its own"', '1: "of their own"']],
  ['/** Who has the lock waits. */', ['1: "Who has"']],
  ['/** The file that is to be written. */', ['1: "that is to be"']],
]

for (const [text, expected] of planted)
  test(`finds: ${text.replaceAll('\n', '/')}`, () => {
    const found = findHabits(new Map([['lib/a.ts', text]]))
    assert.is(found.length, expected.length, found.join('\n'))
    expected.forEach((start, i) => {
      assert.ok(found[i]?.startsWith(`lib/a.ts:${start.replace(/"$/, '')}`), found[i])
      assert.match(found[i] ?? '', /": write \S/)
    })
  })

const allowed: readonly string[] = [
  '/** The folder where the file lies. */',
  '/** There is no command of that name. */',
  '/** The lease is no longer held. */',
  '/** Who has the lock? Nobody. */',
  '/** A stand-in for the registry. */',
  'const standsOn = toldAtOnce.isNone',
  '/** A user who has the lock. */',
]

for (const text of allowed)
  test(`allows: ${text}`, () => assert.equal(findHabits(new Map([['lib/a.ts', text]])), []))

test('tests may hold any phrase', () =>
  assert.equal(findHabits(new Map([['test/a.test.ts', '// it is told at once']])), []))

test('a line of 101 characters is too long, one of 100 is not', () => {
  const line = (length: number): string => 'some words '.repeat(20).slice(0, length)
  const text = `${line(100)}\n${line(101)}\n`
  assert.equal(findLongLines(new Map([['lib/a.ts', text]])), [
    'lib/a.ts:2: 101 characters, 100 at most',
  ])
})

test('a line may be longer if one long word is on it', () => {
  const url = `https://example.org/${'x'.repeat(60)}`
  const text = `  // ${'word '.repeat(15)}${url}`
  assert.equal(findLongLines(new Map([['lib/a.ts', text]])), [])
})

test('a quoted row of a test may be longer, a line of code may not', () => {
  const row = `  'x': '${'word '.repeat(30)}',`
  assert.equal(findLongLines(new Map([['test/a.test.ts', row]])), [])
  assert.is(findLongLines(new Map([['lib/a.ts', row]])).length, 1)
  assert.is(findLongLines(new Map([['test/a.test.ts', `call(${row})`]])).length, 1)
})

test.run()
