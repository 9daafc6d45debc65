import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mergeUsers } from '../../../../lib/operations/redis/acl.ts'
import type { RedisUsers } from '../../../../lib/operations/redis/users.ts'
import { redis } from '../../../../lib/operations/redis.ts'
import { Secret } from '../../../../lib/secret.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../../support/operations.ts'
import { dockerProgram, sandboxOperation, writePrograms } from '../../../support/sandbox.ts'

const [old, young] = [
  new Secret('old password', 'stage/redis'),
  new Secret('new password', 'stage/redis.next'),
]
const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
const told = (secret: Secret): string => `#${sha(sha(secret.reveal()))}`
const rules = 'on ~* &* +@all -@admin'
const want = (passwords: readonly Secret[], others = false): RedisUsers => ({
  service: 'stage-data_redis',
  users: {
    default: { passwords, rules, others },
    health: { passwords: [], rules: 'on nopass -@all +ping' },
  },
})
const health = 'user health on nopass -@all +ping \n'

plans(redis.users, {
  'lets nobody in yet': [
    `user default off \n${health}`,
    want([old]),
    ['passwords of default: absent -> (secret stage/redis)', `rules of default: off -> ${rules}`],
  ],
  'leaves what is right': [`user default ${told(old)} ${rules} \n${health}`, want([old]), []],
  'a second password beside the first': [
    `user default ${told(old)} ${rules} \n${health}`,
    want([old, young]),
    [
      'passwords of default: (secret stage/redis) -> (secret stage/redis), (secret stage/redis.next)',
    ],
  ],
  'takes the first away again': [
    `user default ${told(old)} ${told(young)} ${rules} \n${health}`,
    want([young]),
    ['passwords of default: (secret stage/redis.next), another -> (secret stage/redis.next)'],
  ],
  'one that is not known stays where it may': [
    `user default ${told(old)} ${told(young)} ${rules} \n${health}`,
    want([young], true),
    [],
  ],
  'another user is taken away': [
    `user default ${told(old)} ${rules} \n${health}user eve on \n`,
    want([old]),
    ['user eve: there -> absent'],
  ],
  'a change that the server has not read yet': [
    `user default ${told(old)} ${rules} \n${health}loading \n`,
    want([old]),
    ['file: not read by the server -> read'],
  ],
  'a line that is not understood is never dropped': [
    `user default ${told(old)} ${rules} \n${health}group eve on \n`,
    want([old]),
    /a line of the users is not understood: group/,
  ],
  'a failed probe is not an absent user': [
    { exitCode: 3, stderr: 'no healthy task' },
    want([old]),
    /no healthy task/,
  ],
})

/** Redis as far as its file goes: it refuses a rule that it does not know. */
const cli = `#!/bin/sh
for last; do :; done
case $last in LOAD) ;; *) exit 1 ;; esac
here=$(dirname "$0")/..
if grep -q '+@nonsense' "$here/data/users.acl"
then echo 'ERR unknown command or category'
else cp "$here/data/users.acl" "$here/read"; echo OK
fi
`
const begun = (file: string) => (folder: string) => {
  writePrograms(folder, { docker: dockerProgram, 'redis-cli': cli })
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/users.acl'), file)
}
const here = (folder: string, users: RedisUsers) =>
  sandboxOperation(redis.users(users), folder, ['/data'])
const file = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')
const line = (...passwords: Secret[]): string =>
  ['user default', ...passwords.map(one => `#${sha(one.reveal())}`), rules].join(' ')

settles('users of a new Redis', folder => here(folder, want([old])), {
  before: begun('user default off\nuser health on nopass -@all +ping\n'),
  after: folder => {
    assert.is(file(folder, 'data/users.acl'), `${line(old)}\nuser health on nopass -@all +ping\n`)
    assert.is(file(folder, 'read'), file(folder, 'data/users.acl'))
    for (const left of ['new', 'before', 'loading'])
      assert.not(existsSync(join(folder, `data/users.acl.${left}`)), left)
  },
})
settles(
  'a password beside one that is not known here',
  folder => here(folder, want([young], true)),
  {
    before: begun(`${line(old)}\nuser health on nopass -@all +ping\n`),
    after: folder => assert.is(file(folder, 'data/users.acl').split('\n')[0], line(old, young)),
  },
)
settles(
  'a change that was broken off before Redis read it',
  folder => here(folder, want([young])),
  {
    before: folder => {
      begun(`${line(young)}\nuser health on nopass -@all +ping\n`)(folder)
      writeFileSync(join(folder, 'data/users.acl.loading'), '')
    },
    after: folder => assert.is(file(folder, 'read').split('\n')[0], line(young)),
  },
)
const wrong = { ...want([old]), users: { default: { passwords: [old], rules: 'on +@nonsense' } } }
refuses(
  'a rule that Redis does not know',
  folder => here(folder, wrong),
  /unknown command or category/,
  {
    before: begun(`${line(old)}\n`),
    after: folder => {
      assert.is(file(folder, 'data/users.acl'), `${line(old)}\n`)
      assert.is(file(folder, 'read'), `${line(old)}\n`)
    },
  },
)

test('no password, and no hash of one, is in a script', () => {
  const op = redis.users(want([old, young]))
  const plan = op.decide(makeOutput(`user default off \n${health}`), nothingPending)
  assert.ok(plan && 'apply' in plan)
  const logins = [redis.accepts, redis.refuses].map(kind =>
    kind({ service: 's', user: 'default', password: old, version: 'm' }),
  )
  const all = [op, ...logins].flatMap(({ probe, decide }) => {
    const plan = decide(makeOutput('never\n'), nothingPending)
    return [probe.text, plan && 'apply' in plan ? plan.apply.text : '']
  })
  for (const text of [...all, plan.apply.text, JSON.stringify(plan)]) {
    assert.not.match(text, /password"|(old|new) password/)
    assert.not(text.includes(sha('old password')))
  }
})

test('passwords of others are kept where it is said', () =>
  assert.match(mergeUsers(['default']).text, /others=' default '/))

test.run()
