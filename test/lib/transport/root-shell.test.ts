import { PassThrough } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Process } from '../../../lib/transport/connection.ts'
import { SameMachine } from '../../../lib/transport/machines.ts'
import { probe } from '../../../lib/transport/protocol/probe.ts'
import { sendRound } from '../../../lib/transport/protocol/round-trip.ts'
import { Shell } from '../../../lib/transport/root-shell.ts'

const test = suite('root shell')

/** A process that says hello to each round, and nothing else. */
const greeting = (): Process => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  stdin.on('data', chunk => {
    const [, nonce] = /nonce=(\w+)/.exec(String(chunk)) ?? []
    if (nonce !== undefined) stdout.write(`hello ${nonce} /dev/shm/brd.7.x 7\n`)
  })
  const exit = new Promise<never>(() => {})
  return { stdin, stdout, stderr: new PassThrough(), exit, close: () => stdout.destroy() }
}

test('who waits for a shell that is refused hears why, whatever ends first', async () => {
  const refusal = new SameMachine('one', 'two')
  const shell = new Shell(greeting(), () => {
    throw refusal
  })
  const heard = await Promise.allSettled([probe(shell, []), shell.dropped])
  assert.equal(
    heard.map(end => end.status === 'rejected' && end.reason === refusal),
    [true, true],
  )
  assert.ok(shell.over)
})

test('a round that is not answered in time says so', async () => {
  const round = { lease: null, steps: [], probes: [], seconds: 0.2 }
  const error = await sendRound(new Shell(greeting()), round, () => {}).catch(
    (reason: unknown) => reason,
  )
  assert.match(String(error), /no answer within 0\.2 s/)
})

test.run()
