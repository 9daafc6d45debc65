import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Deferred } from '../../../lib/deferred.ts'
import { InputError } from '../../../lib/errors/input-error.ts'
import type { EventBody } from '../../../lib/events.ts'
import { type Operation, operation, Unknown } from '../../../lib/operation.ts'
import { createDisruptionQueues } from '../../../lib/run/disruption-queues.ts'
import { playBatches } from '../../../lib/run/play-batches.ts'
import { listEntries } from '../../../lib/run/play-entries.ts'
import type { PlayHost } from '../../../lib/run/play-host.ts'
import { sh } from '../../../lib/sh.ts'
import { Unreachable } from '../../../lib/transport/connection.ts'
import { Session } from '../../../lib/transport/session.ts'
import { localReach } from '../../support/shells.ts'
import { fileExists, rawOperation } from '../../support/with-engine.ts'

const test = suite('play')
const all = () => true

test('two operations of one kind and name are an input error that names both roles', () => {
  const twice = { one: [fileExists('/a')], two: [fileExists('/b'), fileExists('/a')] }
  assert.throws(
    () => listEntries('web1', twice, 'x', all),
    (error: Error) =>
      error instanceof InputError &&
      /web1: "raw \/a" is listed twice: by one and by two/.test(error.message),
  )
  assert.equal(
    listEntries('web1', [fileExists('/a')], 'mine', all).map(({ role }) => role),
    ['mine'],
  )
})

type Played = { results: Awaited<ReturnType<typeof playBatches>>['results']; events: EventBody[] }

/** Plays these lists on hosts that are this machine; a host without a list cannot be reached. */
const playing = async (
  lists: Record<string, readonly Operation[] | null>,
  more: { forks?: number; skip?: string } = {},
): Promise<Played> => {
  const events: EventBody[] = []
  const folder = mkdtempSync(join(tmpdir(), 'brd-play-'))
  const hosts: PlayHost[] = Object.entries(lists).map(([host, ops]) => ({
    session: new Session({
      ...localReach('dash'),
      host,
      ...(ops
        ? {}
        : {
            connect: async () =>
              Promise.reject(new Unreachable(host, 'no answer', { next: 'look' })),
          }),
    }),
    entries: listEntries(
      host,
      ops ?? [fileExists(`/never-${host}`)],
      'list',
      (_, op) => op.name !== more.skip,
      3,
    ),
  }))
  const options = {
    play: 0,
    check: false,
    allowDisruption: false,
    openQueue: createDisruptionQueues(),
    forks: more.forks ?? 10,
    lease: { path: join(folder, 'lease'), who: 'test' },
    stop: { requested: false },
    emit: (event: EventBody) => events.push(event),
  }
  // one machine plays all hosts: each needs a lease of its own
  const results = await Promise.all(
    hosts.map(
      async (host, i) =>
        (
          await playBatches([host], {
            ...options,
            lease: { ...options.lease, path: join(folder, `lease${i}`) },
          })
        ).results[0]!,
    ),
  )
  await Promise.all(hosts.map(({ session }) => session.end()))
  rmSync(folder, { recursive: true })
  return { results, events }
}

test('an unreachable host hides nothing of the others, and its operations settle too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-play-'))
  const { results, events } = await playing({
    good: [fileExists(`${folder}/x`)],
    down: null,
    bad: [rawOperation({ name: 'bad', probe: 'echo n', want: 'y', apply: 'exit 3' })],
  })
  rmSync(folder, { recursive: true })
  assert.equal(
    results.map(({ result }) => result),
    ['ok', 'unreachable', 'failed'],
  )
  assert.match(results[1]?.error?.message ?? '', /down: no answer/)
  for (const host of ['good', 'down', 'bad']) {
    const settled = events.filter(event => event.type === 'op-settled' && event.host === host)
    assert.equal(
      settled.map(event => event.type === 'op-settled' && event.op),
      [3],
      host,
    )
    assert.is(
      events.filter(event => event.type === 'host-finished' && event.host === host).length,
      1,
    )
  }
})

test('what the tags leave out settles as skipped, and the others keep their places', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-play-'))
  const { events } = await playing(
    { one: [fileExists(`${folder}/a`), fileExists(`${folder}/b`)] },
    { skip: `${folder}/a` },
  )
  rmSync(folder, { recursive: true })
  const settled = events.flatMap(event =>
    event.type === 'op-settled' ? [[event.op, event.outcome.is]] : [],
  )
  assert.equal(settled, [
    [3, 'skipped'],
    [4, 'changed'],
  ])
})

test('a host that gives goes first, so that one fork is enough', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-play-'))
  const token = new Deferred<string>('the token')
  const provides = operation('provides', {
    name: () => 'token',
    probe: () => sh`echo abc`,
    read: out => out.stdout.toString().trim(),
    plan: now => {
      token.provide(now)
      return null
    },
    provides: () => [token],
  })
  const takes = operation('takes', {
    name: () => 'token',
    probe: () => sh`if [ -e ${folder}/t ]; then echo there; else echo absent; fi`,
    read: out => out.stdout.toString().trim(),
    plan: now => {
      const value = token.get()
      return now === 'there'
        ? null
        : value instanceof Unknown
          ? value
          : {
              diff: [{ key: 't', before: null, after: 'there' }],
              apply: sh`cat >${folder}/t`,
              stdin: value,
            }
    },
  })
  const hosts = [takes({}), provides({})].map(
    (op, i): PlayHost => ({
      session: new Session({ ...localReach('dash'), host: `h${i}` }),
      entries: [{ role: 'r', op, number: 0, selected: true }],
    }),
  )
  const { results } = await playBatches(hosts, {
    play: 0,
    check: false,
    allowDisruption: false,
    openQueue: createDisruptionQueues(),
    forks: 1,
    lease: { path: join(folder, 'lease'), who: 'test' },
    stop: { requested: false },
    emit: () => {},
  })
  assert.equal(
    [results.map(({ result }) => result), readFileSync(`${folder}/t`, 'utf8')],
    [['ok', 'ok'], 'abc'],
  )
  await Promise.all(hosts.map(({ session }) => session.end()))
  rmSync(folder, { recursive: true })
})

test('hosts are disturbed one at a time, and none after one that is not well again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-play-'))
  const restart = (host: string, apply: string) =>
    rawOperation({
      name: host,
      probe: `if [ -e ${folder}/${host} ]; then echo done; else echo not; fi`,
      want: 'done\n',
      apply,
      disruptive: 'restarts',
    })
  const lists = {
    one: restart(
      'one',
      `echo one in >>${folder}/log; sleep 0.3; : >${folder}/one; echo one out >>${folder}/log`,
    ),
    two: restart('two', `echo two in >>${folder}/log; exit 3`),
    three: restart('three', `echo three in >>${folder}/log; : >${folder}/three`),
  }
  const hosts = Object.entries(lists).map(
    ([host, op]): PlayHost => ({
      session: new Session({ ...localReach('dash'), host }),
      entries: [{ role: 'r', op, number: 0, selected: true }],
    }),
  )
  const options = {
    play: 0,
    check: false,
    allowDisruption: true,
    openQueue: createDisruptionQueues(),
    forks: 9,
    stop: { requested: false },
    emit: () => {},
    lease: null,
  }
  const { results } = await playBatches(hosts, options)
  const log = readFileSync(`${folder}/log`, 'utf8').trim().split('\n')
  await Promise.all(hosts.map(({ session }) => session.end()))
  rmSync(folder, { recursive: true })
  const at = log.indexOf('one in')
  if (at >= 0) assert.is(log[at + 1], 'one out')
  assert.is(results[1]?.result, 'failed')
  const begun = log.filter(line => line.endsWith(' in')).map(line => line.replace(' in', ''))
  const after = begun.slice(begun.indexOf('two') + 1)
  assert.equal(after, [], 'nobody after the one that failed')
  for (const [i, host] of Object.keys(lists).entries())
    if (!begun.includes(host))
      assert.match(
        results[i]?.error?.message ?? '',
        /not begun: two was disturbed before, and is not well again/,
      )
})

test('hosts of two plays that are not awaited are disturbed one at a time too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-play-'))
  const restart = (host: string) =>
    rawOperation({
      name: host,
      probe: `if [ -e ${folder}/${host} ]; then echo done; else echo not; fi`,
      want: 'done\n',
      // a folder can be made by one only
      apply: `mkdir ${folder}/at && sleep 1 && : >${folder}/${host}; rmdir ${folder}/at`,
      disruptive: 'restarts',
    })
  const options = {
    play: 0,
    check: false,
    allowDisruption: true,
    openQueue: createDisruptionQueues(),
    forks: 9,
    stop: { requested: false },
    emit: () => {},
    lease: null,
  }
  const hosts = ['one', 'two'].map(
    (host): PlayHost => ({
      session: new Session({ ...localReach('dash'), host }),
      entries: [{ role: 'r', op: restart(host), number: 0, selected: true }],
    }),
  )
  const played = await Promise.all(hosts.map(host => playBatches([host], options)))
  await Promise.all(hosts.map(({ session }) => session.end()))
  rmSync(folder, { recursive: true })
  assert.equal(
    played.flatMap(({ results }) => results.map(({ result }) => result)),
    ['ok', 'ok'],
  )
})

test('after a host that does not recover, it may be disturbed again, and no other', async () => {
  const openQueue = createDisruptionQueues()
  const [one, two] = [openQueue('one'), openQueue('two')]
  const disturb = async (recovers: boolean) => recovers
  assert.is(await one(() => disturb(false)), null)
  const refusal = 'one was disturbed before, and is not well again'
  assert.is(await two(() => disturb(true)), refusal)
  assert.is(await one(() => disturb(true)), null)
  assert.is(await two(() => disturb(true)), null)
})

test.run()
