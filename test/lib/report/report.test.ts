import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Event } from '../../../lib/events.ts'
import { createReport, createScreen } from '../../../lib/report/report.ts'
import type { View } from '../../../lib/report/view.ts'

const options = { isTTY: false, columns: 80, diff: false, verbose: false, color: false }
const started: Event = {
  type: 'run-started',
  at: 0,
  playbook: 'site',
  check: false,
  hosts: ['web1'],
}
const note: Event = { type: 'note', at: 1, text: 'x' }

test('a view that throws is left out; the others go on, and the recap says so', async () => {
  let text = ''
  const calls: string[] = []
  const bad: View = {
    event: () => {
      calls.push('event')
      throw new Error('no such row')
    },
    close: async () => {
      calls.push('close')
      throw new Error('nor a page')
    },
  }
  const { event, close } = createReport({
    views: [
      createScreen({
        ...options,
        kind: 'auto',
        stdout: { write: (more: string) => (text += more) },
      }),
      bad,
    ],
  })
  event(started)
  event(note)
  await close()
  assert.equal(calls, ['event', 'close'])
  assert.match(text, /note {2}x\n/)
  assert.match(text, /please report this bug\n[\s\S]*no such row[\s\S]*nor a page/)
})

test('closing twice prints one recap', async () => {
  let text = ''
  const { event, close } = createReport({
    views: [
      createScreen({
        ...options,
        kind: 'plain',
        stdout: { write: (more: string) => (text += more) },
      }),
    ],
  })
  event(started)
  await Promise.all([close(), close()])
  await close()
  assert.is(text.match(/interrupted site/g)?.length, 1)
})

test('a run of which nothing happened prints nothing', async () => {
  let text = ''
  await createReport({
    views: [
      createScreen({
        ...options,
        kind: 'auto',
        stdout: { write: (more: string) => (text += more) },
      }),
    ],
  }).close()
  assert.is(text, '')
})

test('who looks on may leave: the error of the stream is not the run’s', () => {
  let heard: ((error: Error) => void) | undefined
  createScreen({
    ...options,
    kind: 'json',
    stdout: { write: () => {}, on: (_, listener) => (heard = listener) },
  })
  assert.not.throws(() => heard?.(new Error('EPIPE')))
  assert.type(heard, 'function')
})

test.run()
