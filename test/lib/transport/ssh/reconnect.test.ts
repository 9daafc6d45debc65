import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Connection, Unreachable } from '../../../../lib/transport/connection.ts'
import { reconnect } from '../../../../lib/transport/ssh/reconnect.ts'
import { Rejected } from '../../../../lib/transport/ssh/rejected-error.ts'

const connection: Connection = {
  host: 'web1',
  start: () => Promise.reject(new Error('unused')),
  close: async () => {},
}
const waits = [0, 0.001]

/** Connects as the list says: an error is thrown, null connects. Says how often it was tried. */
const script = (list: readonly (Error | null)[]) => {
  let tries = 0
  const connect = async () => {
    const next = list[tries++]
    if (next) throw next
    return connection
  }
  return { connect, tries: () => tries }
}
const down = new Unreachable('web1', 'connection refused')

test('goes on until the host is back', async () => {
  const { connect, tries } = script([down, down, null])
  assert.is(await reconnect(connect, { waits }), connection)
  assert.is(tries(), 3)
})
test('gives up after three attempts with the last error', async () => {
  const last = new Unreachable('web1', 'the last')
  const { connect, tries } = script([down, down, last, null])
  assert.is(await reconnect(connect, { waits }).catch((error: unknown) => error), last)
  assert.is(tries(), 3)
})
for (const final of [new Rejected('web1', 'host key CHANGED'), new TypeError('a bug')])
  test(`does not try again after ${final.name}: ${final.message}`, async () => {
    const { connect, tries } = script([final, null])
    assert.is(await reconnect(connect, { waits }).catch((error: unknown) => error), final)
    assert.is(tries(), 1)
  })
test('a signal ends the waiting', async () => {
  const { connect, tries } = script([null])
  const error = await reconnect(connect, { waits: [60], signal: AbortSignal.abort() }).catch(
    (e: unknown) => e,
  )
  assert.is((error as Error).name, 'AbortError')
  assert.is(tries(), 0)
})

test.run()
