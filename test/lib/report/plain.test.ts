import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { EventBody } from '../../../lib/events.ts'
import { createReport, createScreen, type ScreenOptions } from '../../../lib/report/report.ts'
import { makeHostNames, tellStory } from '../../support/fake-run.ts'
import { golden } from './golden.ts'

type Over = Partial<ScreenOptions> & { readonly redact?: (text: string) => string }

/** All that is printed of these events. */
const printed = async (
  events: Iterable<readonly [number, EventBody]>,
  { redact, ...over }: Over = {},
): Promise<string> => {
  let text = ''
  const stdout = { write: (more: string) => (text += more) }
  const view = createScreen({
    kind: 'plain',
    stdout,
    isTTY: false,
    columns: 80,
    diff: false,
    verbose: false,
    color: false,
    ...over,
  })
  const { event, close } = createReport({ views: [view], ...(redact ? { redact } : {}) })
  let at = 0
  for (const [ms, body] of events) {
    at += ms
    event({ ...body, at })
  }
  await close()
  await close()
  return text
}

const four = makeHostNames(4)
const goldens: Record<string, [Parameters<typeof tellStory>[0], Over]> = {
  'run-80.txt': [{ hosts: four, check: false }, {}],
  'run-200.txt': [{ hosts: four, check: false }, { columns: 200 }],
  'run-40.txt': [{ hosts: four, check: false }, { columns: 40 }],
  'check-diff.txt': [{ hosts: four, check: true }, { diff: true }],
  'converged-verbose.txt': [
    { hosts: makeHostNames(1), check: false, converged: true },
    { verbose: true },
  ],
  'run-verbose-diff-color.txt': [
    { hosts: makeHostNames(1), check: false, troubles: false },
    { verbose: true, diff: true, color: true },
  ],
  'many-converged.txt': [{ hosts: makeHostNames(50), check: false, converged: true }, {}],
}
for (const [name, [plot, over]] of Object.entries(goldens))
  test(`golden ${name}`, async () => golden(name, await printed(tellStory(plot), over)))

test('golden interrupted.txt: a run that is broken off still has its recap', async () => {
  golden(
    'interrupted.txt',
    await printed([...tellStory({ hosts: four, check: false, troubles: false })].slice(0, 50)),
  )
})

test('the recap names the page of the run, and ends with the run in one sentence', async () => {
  const text = await printed(
    tellStory({ hosts: makeHostNames(1), check: false, troubles: false }),
    {
      record: () => '.runs/x/report.html',
    },
  )
  assert.match(text, /\nreport: \.runs\/x\/report\.html\nplayed bootstrap-infra-stage: .*\n$/)
})

test('no line of the recap is wider than the terminal', async () => {
  for (const columns of [60, 80, 120]) {
    const text = await printed(tellStory({ hosts: makeHostNames(50), check: false }), { columns })
    const recap = text.slice(text.lastIndexOf('\n\n', text.indexOf('\nfailed\n') - 2))
    assert.equal(
      recap.split('\n').filter(line => line.length > columns),
      [],
    )
  }
})

test('host names stay whole, however narrow the terminal is', async () => {
  const hosts = [
    'a-very-long-name-that-ends-in-one.shop.example',
    'a-very-long-name-that-ends-in-two.shop.example',
  ]
  const text = await printed(tellStory({ hosts, check: false, troubles: false }), { columns: 30 })
  for (const host of hosts)
    assert.ok(text.split('\n').filter(line => line.includes(host)).length > 5)
})

test('without colour there is no escape sequence, with it there is', async () => {
  assert.not.match(
    await printed(tellStory({ hosts: four, check: false }), { diff: true, verbose: true }),
    '\x1b',
  )
  assert.match(
    await printed(tellStory({ hosts: four, check: false }), { color: true }),
    '\x1b[33mchanged',
  )
})

test('what a host prints cannot steer the terminal', async () => {
  const note: EventBody = { type: 'note', text: 'a\x1b[2Jb\rc\x9bd\u202ee', host: 'web1' }
  const text = await printed([
    [0, { type: 'run-started', playbook: 'site', check: false, hosts: ['web1'] }],
    [0, note],
  ])
  assert.match(text, 'a␛[2Jb␍c\ufffdd\ufffde')
})

test('the last line of defence: no view prints a secret from any text of an event', async () => {
  const secret = 'hunter2\nline two "quoted"'
  const host = `web-${secret}`
  const events: EventBody[] = [
    { type: 'run-started', playbook: secret, check: false, hosts: [host] },
    { type: 'play-started', play: 0, name: secret, hosts: [host] },
    {
      type: 'host-listed',
      host,
      play: 0,
      ops: [{ kind: 'file', name: secret, role: secret, tags: [secret] }],
    },
    { type: 'op-output', host, op: 0, text: secret },
    {
      type: 'op-settled',
      host,
      op: 0,
      ms: 1,
      outcome: {
        is: 'changed',
        foreseen: true,
        diff: [{ key: 'content', before: secret, after: `x${secret}`, text: true }],
      },
    },
    { type: 'note', text: secret },
    {
      type: 'host-finished',
      host,
      result: 'failed',
      trips: 1,
      ms: 1,
      error: { message: secret, stderr: secret, next: secret },
    },
  ]
  for (const kind of ['plain', 'json'] as const) {
    const text = await printed(
      events.map(event => [1, event] as const),
      { kind, diff: true, verbose: true, redact: line => line.replaceAll(secret, '(secret)') },
    )
    assert.match(text, '(secret)')
    for (const part of ['hunter2', 'line two', 'quoted']) assert.not.match(text, part)
  }
})

test('--json: each line is one event, and nothing else is printed', async () => {
  const events = [...tellStory({ hosts: four, check: false })]
  const lines = (await printed(events, { kind: 'json' })).trimEnd().split('\n')
  assert.equal(
    lines.map(line => {
      const { at: _, ...body } = JSON.parse(line)
      return body
    }),
    events.map(([, event]) => event),
  )
})

test('the message of a failure does not repeat the name beside it', async () => {
  const error = { message: 'step two: exit 3', stderr: 'no space left' }
  const events: EventBody[] = [
    { type: 'play-started', play: 0, name: 'p', hosts: ['a'] },
    {
      ...{ type: 'host-listed', host: 'a', play: 0 },
      ops: [{ kind: 'step', name: 'two', role: 'r', tags: [] }],
    },
    { type: 'op-settled', host: 'a', op: 0, outcome: { is: 'failed', error }, ms: 1 },
    { type: 'host-finished', host: 'a', result: 'failed', trips: 1, ms: 1, error },
  ]
  const text = await printed(events.map(event => [1, event] as const))
  assert.match(text, /^a {2}failed +step two\n {4}exit 3\n {4}stderr: no space left$/m)
  assert.match(text, /^failed\n {2}a: step two\n {4}exit 3\n {4}stderr: no space left$/m)
})

test.run()
