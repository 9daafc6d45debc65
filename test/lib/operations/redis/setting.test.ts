import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../../lib/operation.ts'
import { redis } from '../../../../lib/operations/redis.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const want = { service: 'stage-data_redis', name: 'maxmemory', value: '256mb' }
plans(redis.setting, {
  'leaves what is right': ['maxmemory\n268435456\n', want, []],
  'another value': ['maxmemory\n0\n', want, ['maxmemory: 0 -> 268435456']],
  'a value of several words': ['save\n900 1\n', { name: 'save', value: '' }, ['save: 900 1 -> ']],
  'a word': [
    'maxmemory-policy\nnoeviction\n',
    { name: 'maxmemory-policy', value: 'volatile-lru' },
    ['maxmemory-policy: noeviction -> volatile-lru'],
  ],
  'no such parameter': ['\n', { name: 'nope', value: 1 }, /no parameter nope/],
  'a login that may not ask': [
    "NOPERM this user has no permissions to run the 'config|get' command\n",
    want,
    /cannot be read.*NOPERM/,
  ],
  'a server that is down': [
    { exitCode: 1, stderr: 'Could not connect to Redis' },
    want,
    /Could not connect/,
  ],
  'an empty answer': ['', want, /no parameter maxmemory|cannot be read/],
})

test('a value is quoted as Redis does', () => {
  const { apply } = redis
    .setting({ name: 'proc-title-template', value: 'a "b" \\' })
    .decide(makeOutput('proc-title-template\nx\n'), nothingPending) as Change
  assert.ok(apply.text.includes(`'CONFIG SET proc-title-template "a \\"b\\" \\\\"'`), apply.text)
})

test('passwords are no parameters', () => {
  for (const name of ['requirepass', 'masterauth'])
    assert.throws(() => redis.setting({ name, value: 'x' }), /set it in Redis's configuration file/)
  assert.throws(() => redis.setting({ name: 'a b', value: 'x' }), /not a parameter's name/)
})

test.run()
