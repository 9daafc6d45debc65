import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { passwordLock } from '../../../lib/operations/passwordLock.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const want = { user: 'anna' }
plans(passwordLock, {
  'locks a password': ['set\nother\n', want, ['password: set -> locked']],
  'locks an empty one': ['empty\nother\n', want, ['password: empty -> locked']],
  'leaves a locked one': ['locked\nfree\n', want, []],
  'locks that of this login, once sudo does not ask': [
    'set\nfree\n',
    want,
    ['password: set -> locked'],
  ],
  'leaves that of this login while sudo asks for it': [
    'set\nasks\n',
    want,
    /refused: this run logs in as anna, whose sudo asks for the password/,
  ],
  'locks again what waits to be taken back': [
    'unproven\nfree\n',
    want,
    ['password: unproven -> locked'],
  ],
  'nobody is unknown': [
    { exitCode: 1, stderr: 'no password of anna' },
    want,
    /no password of anna/,
  ],
  'an empty answer is unknown': ['', want, /the probe failed/],
})
test('that of this login comes back unless a new login succeeds', () => {
  const plan = (use: string) =>
    passwordLock(want).decide(makeOutput(`set\n${use}\n`), nothingPending) as Change
  assert.equal([plan('free').provenByLogin, plan('other').provenByLogin], [true, undefined])
  assert.match(plan('free').apply.text, /chpasswd --encrypted/)
  assert.is(plan('other').apply.text, "usermod --password '*' anna")
})
test('a bad name is an error at once', () =>
  assert.throws(() => passwordLock({ user: 'a:b' }), /is not a user's or group's name/))

test.run()
