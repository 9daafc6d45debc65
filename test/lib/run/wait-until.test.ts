import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ScriptError } from '../../../lib/errors/script-error.ts'
import { WaitTimeout, waitUntil } from '../../../lib/run/wait-until.ts'

const never = () => false

test('it looks until a value is true, and returns that; an error means not yet', async () => {
  const answers = [() => null, () => Promise.reject(new Error('refused')), () => 0, () => 'there']
  const seen = await waitUntil(
    'it is there',
    async () => answers.shift()?.(),
    { seconds: 20, every: 0.01 },
    never,
  )
  assert.equal([seen, answers.length], ['there', 0])
})

test('not in time is an error that tells what the last look said', async () => {
  const look = () => Promise.reject(new Error('connection refused'))
  const error = await waitUntil('web1 answers', look, { seconds: 0.1, every: 0.02 }, never).catch(
    (error: unknown) => error,
  )
  assert.instance(error, WaitTimeout)
  assert.is((error as Error).message, 'web1 answers: not within 0.1 s: connection refused')
})

test('it looks once more at the end, and at least once', async () => {
  let looks = 0
  await waitUntil('x', async () => ++looks, { seconds: 0 }, never)
  assert.is(looks, 1)
})

test('an interruption ends it', async () => {
  const error = await waitUntil(
    'x',
    async () => false,
    { every: 0.01 },
    () => true,
  ).catch((error: unknown) => error)
  assert.ok(error instanceof ScriptError && error.message === 'interrupted')
})

test.run()
