import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../lib/converge/converge.ts'
import { Stopped, Unreachable } from '../../../lib/transport/connection.ts'
import { Session } from '../../../lib/transport/session.ts'
import { waitUntil } from '../../support/run-playbook.ts'
import { localReach, SHELLS } from '../../support/shells.ts'
import { fileExists, listOutcomes } from '../../support/with-engine.ts'

/** Sleeps of this machine with these seconds. */
const sleeping = (seconds: string): string[] =>
  readdirSync('/proc').filter(
    pid =>
      /^\d+$/.test(pid) && new RegExp(`^sleep\\0${seconds}\\0`).test(read(`/proc/${pid}/cmdline`)),
  )
const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // it has ended
  }
}

for (const [i, name] of SHELLS.entries()) {
  const test = suite(`session in ${name}`)

  /** Interrupts a host in the middle of its first change; the change makes the file `1`. */
  const interrupted = async (how: 'stop' | 'kill', work: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-session-'))
    const session = new Session(localReach(name))
    const stop = { requested: false }
    try {
      const ops = [
        fileExists(`${folder}/1`, {
          apply: `: >${folder}/begun; cd ${folder}; ${work}; : >${folder}/1`,
        }),
        fileExists(`${folder}/2`),
      ]
      const running = converge(ops, { host: 'here', shell: () => session.shell(), stop })
      await waitUntil('the change runs', () => existsSync(`${folder}/begun`))
      stop.requested = true
      await session.interrupt(how)
      const result = await running
      await session.end()
      return { result: result.result, ends: listOutcomes(result), message: result.error?.message }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  test('stop: the running change ends, no other starts', async () =>
    assert.equal(await interrupted('stop', 'sleep 1'), {
      result: 'interrupted',
      ends: ['changed', 'not-reached'],
      message: undefined,
    }))

  test('kill: the running change ends with all its children', async () => {
    const { result, ends, message } = await interrupted(
      'kill',
      `sleep 51.${i} & (sleep 52.${i}; :) & sleep 53.${i}`,
    )
    assert.equal([result, ends], ['failed', ['failed', 'not-reached']])
    assert.match(message ?? '', /ended by SIGTERM/)
    assert.equal(sleeping(`5[123]\\.${i}`), [])
  })

  test('kill: what ignores SIGTERM is killed', async () => {
    const { message } = await interrupted(
      'kill',
      `trap '' TERM; sleep 54.${i} & sleep 55.${i}; sleep 56.${i}`,
    )
    assert.match(message ?? '', /ended by SIGKILL/)
    assert.equal(sleeping(`5[456]\\.${i}`), [])
  })

  if (name !== 'busybox')
    // whose programs are all of one name
    test('kill: a package manager is left to finish', async () =>
      assert.equal(await interrupted('kill', 'cp $(command -v sleep) dpkg; ./dpkg 2; :'), {
        result: 'interrupted',
        ends: ['changed', 'not-reached'],
        message: undefined,
      }))

  test.run()
}

const test = suite('session')

test('an interruption gives connecting up, and no other connection is sought', async () => {
  let sought = 0
  const session = new Session({
    host: 'far',
    connect: (_, signal) =>
      new Promise((_, reject) => {
        sought++
        signal.addEventListener('abort', () => reject(new Unreachable('far', 'given up')))
      }),
    rootShell: () => assert.unreachable() as never,
  })
  const connecting = session.shell().catch((error: unknown) => error)
  await session.interrupt('stop')
  assert.instance(await connecting, Stopped)
  assert.instance(await session.shell().catch((error: unknown) => error), Stopped)
  assert.is(sought, 1)
})

test('a host that was interrupted before it was begun is not connected to', async () => {
  const shell = () => assert.unreachable() as never
  const result = await converge([fileExists('/nowhere')], {
    host: 'far',
    shell,
    stop: { requested: true },
  })
  assert.equal(
    [result.result, result.trips, listOutcomes(result)],
    ['interrupted', 0, ['not-reached']],
  )
})

test.run()
