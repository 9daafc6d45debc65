import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EventBody } from '../../../lib/events.ts'
import type { Operation } from '../../../lib/operation.ts'
import { createDisruptionQueues } from '../../../lib/run/disruption-queues.ts'
import { readRemote } from '../../../lib/run/files/fetch.ts'
import { playBatches } from '../../../lib/run/play-batches.ts'
import { listEntries } from '../../../lib/run/play-entries.ts'
import { openRemote } from '../../../lib/run/remote/remote.ts'
import { sh } from '../../../lib/sh.ts'
import { Stopped } from '../../../lib/transport/connection.ts'
import { probe } from '../../../lib/transport/protocol/probe.ts'
import { readFromHost } from '../../../lib/transport/read-from-host.ts'
import { Session } from '../../../lib/transport/session.ts'
import { Turns } from '../../../lib/transport/turns.ts'
import { waitUntil } from '../../support/run-playbook.ts'
import { localReach, SHELLS } from '../../support/shells.ts'
import { fileExists } from '../../support/with-engine.ts'

const test = suite('turns')

test('turns come in the order of the requests, and one that was given up does not', async () => {
  const turns = new Turns()
  const order: string[] = []
  const [first, second, third] = [turns.ask(), turns.ask(), turns.ask()]
  for (const [name, turn] of Object.entries({ first, second, third }))
    void turn.begins.then(() => order.push(name))
  second.end()
  assert.equal([first.begun, second.begun, third.begun], [true, false, false])
  const fourth = turns.take(async () => order.push('fourth'))
  first.end()
  first.end()
  await third.begins
  third.end()
  await fourth
  assert.equal(order.sort(), ['first', 'fourth', 'second', 'third'])
  await turns.take(async () => Promise.reject(new Error('x'))).catch(() => {})
  await turns.take(async () => {}) // one that fails passes it on
})

test.run()

for (const name of SHELLS) {
  const each = suite(`turns in ${name}`)

  const withHost = async (
    body: (host: {
      folder: string
      session: Session
      connects: { count: number }
      events: EventBody[]
      play: (ops: readonly Operation[], stop?: { requested: boolean }) => Promise<string[]>
    }) => Promise<void>,
  ): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-turns-'))
    const connects = { count: 0 }
    const session = new Session(localReach(name, connects))
    const events: EventBody[] = []
    const play = async (ops: readonly Operation[], stop = { requested: false }) => {
      const { results } = await playBatches(
        [{ session, entries: listEntries('here', ops, 'list', () => true) }],
        {
          play: 0,
          check: false,
          allowDisruption: false,
          openQueue: createDisruptionQueues(),
          forks: 1,
          lease: { path: join(folder, 'lease'), who: 'test' },
          stop,
          emit: event => events.push(event),
        },
      )
      return results.flatMap(({ outcomes }) => outcomes.map(({ is }) => is))
    }
    try {
      await body({ folder, session, connects, events, play })
    } finally {
      await session.end()
      rmSync(folder, { recursive: true, force: true })
    }
  }

  each('two plays, commands, transfers and readings at once: all are done, on one wire', () =>
    withHost(async ({ folder, session, connects, events, play }) => {
      const big = Buffer.alloc(6e6, 'x')
      const upload = (file: string) =>
        fileExists(`${folder}/${file}`, { apply: `cat >${folder}/${file}`, stdin: big })
      const { $ } = openRemote({
        session,
        emit: () => {},
        redact: text => text,
        explainSkip: () => null,
      })
      const [one, two, three, printed, read, file] = await Promise.all([
        play([upload('a'), fileExists(`${folder}/both`, { apply: `echo one >>${folder}/both` })]),
        play([upload('b'), fileExists(`${folder}/both`, { apply: `echo two >>${folder}/both` })]),
        play([upload('c')]),
        Promise.all([1, 2, 3].map(n => $({ stdin: big })`wc -c; echo ${n}`.lines())),
        readFromHost(session, 'a word', sh`echo word`),
        readRemote(session, '/proc/version').catch(() => 'none'),
      ])
      assert.equal([one, two, three], [['changed', 'changed'], ['changed', 'ok'], ['changed']])
      assert.is(readFileSync(`${folder}/both`, 'utf8'), 'one\n')
      for (const letter of 'abc') assert.is(readFileSync(`${folder}/${letter}`).length, big.length)
      assert.equal(
        printed.map(lines => lines.map(line => line.trim())),
        [1, 2, 3].map(n => [`${big.length}`, `${n}`]),
      )
      assert.equal([`${read}`, connects.count], ['word\n', 1])
      assert.ok(file)
      assert.is(
        events.filter(({ type }) => type === 'note').length,
        2,
        'the second and the third play say that they wait',
      )
    }),
  )

  each('an interruption ends the wait for a turn; what began is told as it ended', () =>
    withHost(async ({ folder, session, play }) => {
      const stop = { requested: false }
      const slow = `cd ${folder}; : >begun; while [ ! -e go ]; do sleep 0.1; done; : >1`
      const running = play([fileExists(`${folder}/1`, { apply: slow })], stop)
      await waitUntil('the first play runs', () => existsSync(`${folder}/begun`))
      const waiting = play([fileExists(`${folder}/2`)], stop)
      const reading = readFromHost(session, 'a word', sh`echo word`).catch(
        (error: unknown) => error,
      )
      stop.requested = true
      await session.interrupt('stop')
      assert.equal(await waiting, ['not-reached'], 'before the first has ended')
      assert.not(existsSync(`${folder}/1`))
      await probe(await session.shell(), []).catch((error: unknown) =>
        assert.match(String(error), /two rounds at the same time/),
      )
      writeFileSync(`${folder}/go`, '')
      assert.equal(await running, ['changed'])
      assert.instance(await reading, Stopped)
      assert.not(existsSync(`${folder}/2`))
    }),
  )

  each('a shell that dies does not take the commands beside it along', () =>
    withHost(async ({ folder, session, connects, play }) => {
      const { $ } = openRemote({
        session,
        emit: () => {},
        redact: text => text,
        explainSkip: () => null,
      })
      const beside = $`cd ${folder}; : >begun; while [ ! -e go ]; do sleep 0.1; done; echo end`
      const printed = beside.text()
      await waitUntil('the command runs', () => existsSync(`${folder}/begun`))
      const dies = fileExists(`${folder}/1`, { apply: `: >${folder}/1; kill -9 $$` })
      const ends = await play([
        dies,
        fileExists(`${folder}/2`, { apply: `cd ${folder}; : >2; : >go` }),
      ])
      assert.equal([ends, await printed, connects.count], [['changed', 'changed'], 'end\n', 1])
    }),
  )

  each('an interruption does not wait behind commands, and ends those that wait', () =>
    withHost(async ({ folder, session }) => {
      const { $ } = openRemote({
        session,
        emit: () => {},
        redact: text => text,
        explainSkip: () => null,
      })
      const all = Array.from({ length: 9 }, (_, i) =>
        $`: >${folder}/${i}; while [ ! -e ${folder}/go ]; do sleep 0.1; done`.then(
          () => 'done',
          (error: unknown) => (error as Error).message,
        ),
      )
      const seven = Array.from({ length: 7 }, (_, i) => `${folder}/${i}`)
      await waitUntil('seven run', () => seven.every(existsSync))
      await session.interrupt('stop')
      assert.equal(await Promise.all(all.slice(7)), ['interrupted', 'interrupted'])
      assert.not(existsSync(`${folder}/7`))
      await session.interrupt('kill')
      for (const end of await Promise.all(all.slice(0, 7))) assert.ok(/ended by SIG/.test(end), end)
    }),
  )

  each.run()
}
