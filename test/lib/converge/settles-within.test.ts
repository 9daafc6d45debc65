import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { settlesWithin } from '../../../lib/converge/settles-within.ts'

const never = new Promise<void>(() => {})
const later = () => new Promise<void>(resolve => setTimeout(resolve, 10))
const uncancelled = () => false

test('what settles while it is awaited', async () =>
  assert.is(await settlesWithin(Number.POSITIVE_INFINITY, later(), uncancelled), true))

test('what does not settle in time', async () =>
  assert.is(await settlesWithin(1, never, uncancelled), false))

test('time alone does not end a wait that has no deadline: a request does', async () => {
  let asked = 0
  assert.is(await settlesWithin(Number.POSITIVE_INFINITY, never, () => ++asked > 2), false)
  assert.is(asked, 3)
})

test('a wait that is cancelled before it begins ends', async () =>
  assert.is(await settlesWithin(Number.POSITIVE_INFINITY, later(), () => true), false))

test('what rejects while it is awaited rejects here', async () => {
  const failed = later().then(() => Promise.reject(new Error('gone')))
  await settlesWithin(Number.POSITIVE_INFINITY, failed, uncancelled).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, 'gone'),
  )
})

test.run()
