import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Attempt, takeFirst } from '../../../../scripts/lab/images/take-first.ts'
import type { Provided } from '../../../../scripts/lab/images/types.ts'

const gives = (from: string): Attempt => ({ from, get: async () => provided(from) })
const fails = (from: string, why: string): Attempt => ({
  from,
  get: () => Promise.reject(new Error(why)),
})
const provided = (from: string): Provided => ({
  ref: 'a:1',
  image: 'a:1',
  source: 'pypi',
  version: '1',
  standIn: false,
  from,
})

test('the first that can give it gives it, and no later one is asked', async () => {
  const lines: string[] = []
  const found = await takeFirst('a:1', [gives('one'), fails('two', 'never asked')], line =>
    lines.push(line),
  )
  assert.is(found.from, 'one')
  assert.equal(lines, ['a:1: 1 from one'])
})

test('one that fails gives way, and says why in one line', async () => {
  const lines: string[] = []
  const found = await takeFirst(
    'a:1',
    [fails('one', 'no such host\n  at all'), gives('two')],
    line => lines.push(line),
  )
  assert.is(found.from, 'two')
  assert.equal(lines, ['a:1: not from one: no such host · at all', 'a:1: 1 from two'])
})

test('where none can, the error names each and its reason', async () => {
  const failed = await takeFirst('a:1', [fails('one', 'x'), fails('two', 'y')], () => {}).catch(
    (error: Error) => error.message,
  )
  assert.is(failed, 'a:1: no source has it\n  not from one: x\n  not from two: y')
})

test('a stand-in is announced as one', async () => {
  const lines: string[] = []
  const standIn: Attempt = {
    from: 'it',
    get: async () => ({ ...provided('a stand-in for A'), standIn: true }),
  }
  await takeFirst('a:1', [standIn], line => lines.push(line))
  assert.equal(lines, ['a:1: a stand-in for A; what needs the real one is skipped'])
})

test.run()
