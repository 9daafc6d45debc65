import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../lib/converge/converge.ts'
import type { EventBody } from '../../../lib/events.ts'
import { change, type Operation, operation } from '../../../lib/operation.ts'
import { locateUndo, takeBackUnlessProven } from '../../../lib/operations/access/take-back.ts'
import { type Sh, sh } from '../../../lib/sh.ts'
import { Session } from '../../../lib/transport/session.ts'
import { skip } from '../../../scripts/test/skip.ts'
import { localReach, SHELLS } from '../../support/shells.ts'

if (userInfo().uid !== 0) skip('only root can write to /run')

const name = 'brdtest'
const folder = mkdtempSync(join(tmpdir(), 'brd-proof-'))
const path = join(folder, 'door')
test.before.each(() => writeFileSync(path, 'open\n'))
test.after.each(() => rmSync(locateUndo(name), { recursive: true, force: true }))
test.after(() => rmSync(folder, { recursive: true, force: true }))

/** The door is shut, if that is proven by a login. `then`: what the change does besides. */
const door = (then: Sh = sh`:`, seconds = 2): Operation =>
  operation('door', {
    name: () => path,
    probe: () => sh`cat ${path}`,
    read: out => out.stdout.toString().trim(),
    plan: now =>
      change(now === 'shut' ? [] : [{ key: 'door', before: now, after: 'shut' }], shut(then), {
        provenByLogin: true,
        seconds,
      }),
  })({})

const shut = (then: Sh): Sh =>
  takeBackUnlessProven({
    name,
    save: sh`cp ${path} "$w/door"`,
    change: sh`echo shut >${path}
${then}`,
    undo: sh`cp "$w/door" ${path}`,
    seconds: 2,
  })

type Played = { readonly result: string; readonly notes: string[]; readonly logins: number }

const play = async (
  shell: (typeof SHELLS)[number],
  op: Operation,
  anew?: (count: number) => Session,
  waits = false,
): Promise<Played> => {
  const session = new Session(localReach(shell))
  const notes: string[] = []
  let logins = 0
  const emit = (event: EventBody) => {
    if (event.type === 'note') notes.push(event.text)
  }
  try {
    const { result } = await converge([op], {
      host: 'here',
      shell: () => session.shell(),
      emit,
      ...(anew
        ? {
            login: {
              anew: () => anew(++logins),
              ...(waits ? { beside: work => session.beside(work) } : {}),
            },
          }
        : {}),
    })
    return { result, notes, logins }
  } finally {
    await session.end()
  }
}
const state = () => [readFileSync(path, 'utf8').trim(), existsSync(join(locateUndo(name), 'undo'))]

for (const shell of SHELLS) {
  const reach = () => new Session(localReach(shell))
  test(`a change that a new login proves is kept: ${shell}`, async () => {
    const { result, logins } = await play(shell, door(sh`:`, 60), reach)
    assert.equal([result, ...state()], ['ok', 'shut', false])
    assert.ok(logins > 1, 'a login that began before the change asked proves nothing')
  })
  test(`one login is enough where a second shell waits for the question: ${shell}`, async () => {
    const { result, logins } = await play(shell, door(sh`sleep 2`, 60), reach, true)
    assert.equal([result, logins, ...state()], ['ok', 1, 'shut', false])
  })
  test(`a change that fails ends the wait for its question: ${shell}`, async () => {
    const { result, logins } = await play(shell, door(sh`exit 3`, 60), reach, true)
    assert.equal([result, logins, ...state()], ['failed', 0, 'open', false])
  })
  test(`a change without a new login is taken back: ${shell}`, async () => {
    const refuse = () =>
      new Session({
        ...localReach(shell),
        connect: async () => {
          throw new Error('connection refused')
        },
      })
    const { result, notes } = await play(shell, door(sh`:`, 60), refuse)
    assert.equal([result, ...state()], ['failed', 'open', false])
    assert.equal(notes, ['a new login failed: connection refused'])
  })
  test(`a login that began before the change asked proves nothing: ${shell}`, async () => {
    // The first one is in, slowly, before the door is shut; from then on nobody comes in.
    const late = localReach(shell)
    const { result } = await play(shell, door(sh`:`, 60), count =>
      count === 1
        ? new Session({
            ...late,
            rootShell: async connection => {
              await sleep(1000)
              return late.rootShell(connection)
            },
          })
        : new Session({ ...late, connect: () => Promise.reject(new Error('shut')) }),
    )
    assert.equal([result, ...state()], ['failed', 'open', false])
  })
  test(`a change that fails is taken back: ${shell}`, async () => {
    assert.is((await play(shell, door(sh`exit 3`, 60), reach)).result, 'failed')
    assert.equal(state(), ['open', false])
  })
  test(`a change that hangs is ended and taken back: ${shell}`, async () => {
    assert.is((await play(shell, door(sh`sleep 60`, 1), reach)).result, 'failed')
    assert.equal(state(), ['open', false])
  })
  test(`without a runner that logs in, a change is kept if it succeeds: ${shell}`, async () => {
    assert.is((await play(shell, door())).result, 'ok')
    assert.equal(state(), ['shut', false])
  })
  test(`what a killed run left unproven is taken back before a change: ${shell}`, async () => {
    const undo = locateUndo(name)
    mkdirSync(undo, { recursive: true })
    writeFileSync(join(undo, 'undo'), `echo 'opened again' >${path}\n`)
    assert.is((await play(shell, door(sh`exit 3`))).result, 'failed')
    assert.equal(state(), ['opened again', false])
  })
}

test.run()
