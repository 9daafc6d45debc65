import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { listenForInterrupts } from '../../../lib/cli/signals.ts'

/** What was called when signals came at these milliseconds. */
const after = (
  ...at: readonly (readonly [ms: number, signal: NodeJS.Signals])[]
): readonly string[] => {
  let now = 0
  const called: string[] = []
  const listening = listenForInterrupts(
    signal => called.push(`first ${signal}`),
    () => called.push('second'),
    () => now,
  )
  for (const [ms, signal] of at) {
    now = ms
    process.emit(signal, signal)
  }
  assert.is(listening.requested, at.length > 0)
  listening.release()
  return called
}

test('nothing is asked for by itself', () => assert.equal(after(), []))
test('the first signal and the second', () =>
  assert.equal(after([0, 'SIGINT'], [900, 'SIGINT']), ['first SIGINT', 'second']))
test('other signals count too', () =>
  assert.equal(after([0, 'SIGTERM'], [900, 'SIGHUP']), ['first SIGTERM', 'second']))
test('further ones have no effect', () =>
  assert.equal(after([0, 'SIGINT'], [900, 'SIGINT'], [1800, 'SIGINT']), ['first SIGINT', 'second']))
test('one press may arrive twice: from the terminal, and passed on by npx', () =>
  assert.equal(after([5, 'SIGINT'], [6, 'SIGINT'], [900, 'SIGINT'], [902, 'SIGINT']), [
    'first SIGINT',
    'second',
  ]))
test('released, it does not listen any more', () => {
  const listening = listenForInterrupts(
    () => assert.unreachable(),
    () => assert.unreachable(),
  )
  const count = process.listenerCount('SIGINT')
  listening.release()
  assert.is(process.listenerCount('SIGINT'), count - 1)
})

test.run()
