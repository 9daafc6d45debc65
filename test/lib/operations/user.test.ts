import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { user } from '../../../lib/operations/user.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const anna = (password = 'locked', groups = 'anna sudo', use = 'other') =>
  `anna:x:1001:1001::/home/anna:/bin/bash\nanna\n${groups}\n${password}\n${use}\n`

plans(user, {
  'makes who is absent': [
    'absent\n',
    { name: 'anna', groups: ['sudo'] },
    [
      'user: absent -> anna',
      'home: absent -> /home/anna',
      'shell: absent -> /bin/bash',
      'group sudo: absent -> member',
    ],
  ],
  'makes a system user without a login': [
    'absent\n',
    { name: 'app', system: true, uid: 300 },
    [
      'user: absent -> app',
      'uid: absent -> 300',
      'home: absent -> /nonexistent',
      'shell: absent -> /usr/sbin/nologin',
    ],
  ],
  'leaves who is right': [
    anna(),
    { name: 'anna', uid: 1001, groups: ['sudo'], shell: '/bin/bash' },
    [],
  ],
  'adds to groups, and takes from none': [
    anna('locked', 'anna sudo adm'),
    { name: 'anna', groups: ['docker'] },
    ['group docker: absent -> member'],
  ],
  'locks the password': [anna('set'), { name: 'anna' }, ['password: set -> locked']],
  'locks an empty password': [anna('empty'), { name: 'anna' }, ['password: empty -> locked']],
  'locks the password of this login, whose sudo does not ask for it': [
    anna('set', 'anna sudo', 'free'),
    { name: 'anna' },
    ['password: set -> locked'],
  ],
  'leaves the password of this login, whose sudo asks for it': [
    anna('set', 'anna sudo', 'asks'),
    { name: 'anna' },
    /refused: this run logs in as anna, whose sudo asks for the password/,
  ],
  'does not remove the user that this run logs in as': [
    anna('locked', 'anna sudo', 'free'),
    { name: 'anna', state: 'absent' },
    /refused: this run logs in as anna/,
  ],
  'leaves a password that shall stay': [anna('set'), { name: 'anna', password: 'as it is' }, []],
  'changes uid, shell, home and primary group': [
    anna(),
    { name: 'anna', uid: 5, shell: '/bin/sh', home: '/srv/anna', group: 'www-data' },
    [
      'uid: 1001 -> 5',
      'group: anna -> www-data',
      'home: /home/anna -> /srv/anna',
      'shell: /bin/bash -> /bin/sh',
    ],
  ],
  removes: [anna(), { name: 'anna', state: 'absent' }, ['user: anna -> absent']],
  'leaves who is removed': ['absent\n', { name: 'anna', state: 'absent' }, []],
  'a failed probe is unknown': [
    { exitCode: 1, stderr: 'getent: no such database' },
    { name: 'anna' },
    /no such database/,
  ],
  'an empty answer is unknown': ['', { name: 'anna' }, /the probe failed/],
})
test('a change of the password shows no hash', () => {
  const plan = user({ name: 'anna' }).decide(makeOutput(anna('set')), nothingPending) as Change
  assert.is(plan.apply.text, "usermod --password '*' anna")
})
test('a change of the user that this run logs in as is proven by a new login', () => {
  const plan = (use: string) =>
    user({ name: 'anna', shell: '/bin/sh' }).decide(
      makeOutput(anna('locked', 'anna', use)),
      nothingPending,
    ) as Change
  assert.equal([plan('free').provenByLogin, plan('other').provenByLogin], [true, undefined])
  assert.match(
    plan('free').apply.text,
    /usermod --home .home.anna --shell .bin.bash --gid anna anna/,
  )
})
test('a new user has no password from the first moment on', () => {
  const { apply } = user({ name: 'anna' }).decide(makeOutput('absent\n'), nothingPending) as Change
  assert.match(apply.text, /useradd .*--password '\*'/)
})
test('bad options are errors at once', () => {
  assert.throws(() => user({ name: '-x' }), /is not a user's or group's name/)
  assert.throws(() => user({ name: 'root', state: 'absent' }), /refused/)
  assert.throws(() => user({ name: 'a', home: '/a:b' }), /cannot be written to .etc.passwd/)
})

test.run()
