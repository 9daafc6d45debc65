import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  answerLogin,
  type LoginAnswer,
  type LoginWays,
} from '../../../lib/converge/answer-login.ts'
import { Session } from '../../../lib/transport/session.ts'
import { waitUntil } from '../../support/run-playbook.ts'
import { localReach } from '../../support/shells.ts'

let dir = ''
const write = (name: string, text: string) => writeFileSync(join(dir, name), `${text}\n`)
const read = (name: string): string =>
  existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8').trim() : ''
test.before.each(() => {
  dir = mkdtempSync(join(tmpdir(), 'brd-answer-'))
  write('now', '4.c1 1 1') // a change runs
})
test.after.each(() => rmSync(dir, { recursive: true, force: true }))

const here = localReach('dash')
const refusing = (text: string) =>
  new Session({ ...here, connect: () => Promise.reject(new Error(text)) })

type Scene = {
  readonly answer: LoginAnswer
  readonly logins: () => number
  readonly waits: () => number
}

/** Answers a change on this machine, and ends in any case. `anew` makes each login. */
const answering = async (
  { anew = () => new Session(here), beside }: Partial<LoginWays>,
  watch: (scene: Scene) => Promise<void>,
): Promise<void> => {
  let [logins, waits] = [0, 0]
  const answer = answerLogin(
    {
      anew: () => {
        logins++
        return anew()
      },
      ...(beside
        ? {
            beside: work => {
              waits++
              return beside(work)
            },
          }
        : {}),
    },
    dir,
  )
  try {
    await watch({ answer, logins: () => logins, waits: () => waits })
  } finally {
    await answer.end()
  }
}

/** The old connection, on which a second shell can be had. */
const withOld = async (
  watch: (beside: NonNullable<LoginWays['beside']>) => Promise<void>,
): Promise<void> => {
  const old = new Session(here)
  try {
    await old.shell()
    await watch(work => old.beside(work))
  } finally {
    await old.end()
  }
}

test('no login is made before the change asks for one; one answers it', () =>
  withOld(beside =>
    answering({ beside }, async ({ logins, waits, answer }) => {
      await waitUntil('a second shell waits', () => waits() > 0)
      assert.is(logins(), 0)
      write('ask', 'q1')
      await waitUntil('the login tells the question', () => read('answer') === 'q1')
      assert.equal([logins(), waits(), answer.trouble()], [1, 1, null])
    }),
  ))

test('a change that ends without a question gets no login; a later one does', () =>
  withOld(beside =>
    answering({ beside }, async ({ logins, waits }) => {
      write('now', 'idle')
      await waitUntil('it is waited for anew', () => waits() > 1)
      assert.equal([logins(), read('answer')], [0, ''])
      write('ask', 'q2')
      await waitUntil('the login tells the question', () => read('answer') === 'q2')
    }),
  ))

test('without a second shell, the login before the one that tells it has read it', () =>
  answering({}, async ({ logins }) => {
    await waitUntil('a login finds no question', () => logins() > 1)
    assert.is(read('answer'), '')
    const before = logins()
    write('ask', 'q1')
    await waitUntil('a login tells the question', () => read('answer') === 'q1')
    assert.ok(logins() > before, 'the one that was there before proves nothing')
  }))

test('a host that refuses a second shell is asked by new logins', () => {
  const beside = () => Promise.reject(new Error('no more sessions'))
  write('ask', 'q1')
  return answering({ beside }, async ({ logins, waits }) => {
    await waitUntil('a login tells the question', () => read('answer') === 'q1')
    assert.equal([waits(), logins()], [1, 2])
  })
})

test('a question that changed meanwhile is not answered by what was read before', () => {
  write('ask', 'old')
  const answers: string[] = []
  const anew = () => {
    // The first login reads the old question; the second finds another one in its place.
    if (answers.push(read('answer')) === 2) write('ask', 'new')
    return new Session(here)
  }
  return answering({ anew }, async () => {
    await waitUntil('a login tells the question', () => read('answer') === 'new')
    assert.equal(answers, ['', '', ''])
  })
})

test('the trouble is that of the last login, and it is tried again', () => {
  let made = 0
  const anew = () => (++made === 1 ? refusing('connection refused') : new Session(here))
  write('ask', 'q1')
  return answering({ anew }, async ({ answer }) => {
    assert.is(answer.trouble(), null)
    await waitUntil('the first is refused', () => answer.trouble() === 'connection refused')
    await waitUntil('a later one answers', () => read('answer') === 'q1')
    await waitUntil('nothing troubles it any more', () => answer.trouble() === null)
  })
})

test('once it is ended no other login is made, and the last one is over', async () => {
  const ended: boolean[] = []
  const anew = () => {
    const session = new Session(here)
    const end = session.end.bind(session)
    const at = ended.push(false) - 1
    session.end = async () => {
      await end()
      ended[at] = true
    }
    return session
  }
  await answering({ anew }, async ({ answer, logins }) => {
    await waitUntil('it logs in', () => logins() > 0)
    await answer.end()
    const before = logins()
    assert.ok(ended.every(Boolean))
    await new Promise(resolve => setTimeout(resolve, 500))
    assert.is(logins(), before)
  })
})

test('a login that hangs is ended with it, and is no trouble', async () => {
  let isGivenUp = false
  const anew = () =>
    new Session({
      ...here,
      connect: (_, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            isGivenUp = true
            reject(new Error('given up'))
          }),
        ),
    })
  await answering({ anew }, async ({ answer, logins }) => {
    await waitUntil('it logs in', () => logins() > 0)
    await answer.end()
    assert.equal([isGivenUp, answer.trouble(), logins()], [true, null, 1])
  })
})

test('ended while a second shell waits, it makes no login', () =>
  withOld(async beside => {
    await answering({ beside }, async ({ answer, logins, waits }) => {
      await waitUntil('a second shell waits', () => waits() > 0)
      const ending = answer.end()
      write('ask', 'q1')
      await ending
      assert.equal([logins(), read('answer')], [0, ''])
    })
  }))

test.run()
