import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Event } from '../../../lib/events.ts'
import { createReport } from '../../../lib/report/report.ts'
import { openVault } from '../../../lib/secrets/vault.ts'

const event = (more: object): Event => ({ at: 0, host: 'a', op: 0, ...more }) as Event

/** What a view hears of an operation that prints these parts, whose run has used these secrets. */
const hears = async (
  parts: readonly string[],
  secrets: readonly string[],
): Promise<readonly string[]> => {
  const vault = openVault(async () => null, true)
  for (const [i, value] of secrets.entries()) await vault.secret(`s${i}`, () => value)
  const heard: string[] = []
  const view = {
    event: (one: Event) => void (one.type === 'op-output' && heard.push(one.text)),
    close: async () => {},
  }
  const report = createReport({ views: [view], redact: vault.redact })
  report.event(
    event({ type: 'host-listed', play: 0, ops: [{ kind: 'k', name: 'n', role: 'r', tags: [] }] }),
  )
  report.event(event({ type: 'op-started' }))
  for (const text of parts) report.event(event({ type: 'op-output', text }))
  report.event(event({ type: 'op-settled', outcome: { is: 'ok' }, ms: 0 }))
  return heard
}

test('a secret in two or more parts is redacted, wherever they are cut', async () => {
  const secret = 'hunter2 and\nhunter3'
  const text = `before ${secret} after`
  for (let at = 0; at <= text.length; at++)
    for (const to of [at, Math.min(at + 3, text.length)]) {
      const parts = [text.slice(0, at), text.slice(at, to), text.slice(to)]
      const heard = (await hears(parts, ['other', secret])).join('')
      assert.is(heard, 'before (secret s1) after', JSON.stringify(parts))
    }
})

test('what is no secret is told at once, and the beginning of one when it ends', async () => {
  assert.equal(await hears(['one\n', 'two hunt', 'ing\n', 'hunt'], ['hunter2']), [
    'one\n',
    'two ',
    'hunting\n',
    'hunt',
  ])
})

test('an operation that prints much: its beginning is shown, and that there is more', async () => {
  const heard = await hears(Array(200).fill('x'.repeat(4096)), [])
  assert.ok(heard.join('').length < 300_000)
  assert.match(heard.at(-1) ?? '', /more is not shown/)
})

test.run()
