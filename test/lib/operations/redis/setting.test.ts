import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../../lib/operation.ts'
import { redis } from '../../../../lib/operations/redis.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const want = { service: 'stage-data_redis', name: 'maxmemory', value: '256mb' }
const LIMITS = 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60'
plans(redis.setting, {
  'leaves what is right': ['maxmemory\n268435456\n', want, []],
  'another value': ['maxmemory\n0\n', want, ['maxmemory: 0 -> 268435456']],
  'a value of several words': ['save\n900 1\n', { name: 'save', value: '' }, ['save: 900 1 -> ']],
  'a word': [
    'maxmemory-policy\nnoeviction\n',
    { name: 'maxmemory-policy', value: 'volatile-lru' },
    ['maxmemory-policy: noeviction -> volatile-lru'],
  ],
  'a switch in upper case': ['appendonly\nyes\n', { name: 'appendonly', value: 'YES' }, []],
  'the other switch': [
    'appendonly\nyes\n',
    { name: 'appendonly', value: 'No' },
    ['appendonly: yes -> No'],
  ],
  'a word of an enumeration in capitals': [
    'appendfsync\neverysec\n',
    { name: 'appendfsync', value: 'Everysec' },
    [],
  ],
  'a word that has another name': [
    'oom-score-adj\nyes\n',
    { name: 'oom-score-adj', value: 'relative' },
    [],
  ],
  'flags in another order': [
    'shutdown-on-sigterm\nsave now\n',
    { name: 'shutdown-on-sigterm', value: 'now SAVE' },
    [],
  ],
  'a text in another case is another one': [
    'dbfilename\ndump.rdb\n',
    { name: 'dbfilename', value: 'Dump.rdb' },
    ['dbfilename: dump.rdb -> Dump.rdb'],
  ],
  'an amount in gigabytes': ['maxmemory\n1073741824\n', { name: 'maxmemory', value: '1gb' }, []],
  'an amount in thousands': ['maxmemory\n1000000\n', { name: 'maxmemory', value: '1M' }, []],
  'an amount in bytes': ['maxmemory\n100\n', { name: 'maxmemory', value: '100b' }, []],
  'an amount beyond 2^53': [
    'maxmemory\n9007199254741016576\n',
    { name: 'maxmemory', value: '8796093022208024kb' },
    [],
  ],
  'events in another order': [
    'notify-keyspace-events\nAKE\n',
    { name: 'notify-keyspace-events', value: 'KEA' },
    [],
  ],
  'all events, one by one': [
    'notify-keyspace-events\nAE\n',
    { name: 'notify-keyspace-events', value: 'Eg$lshzxetd' },
    [],
  ],
  'events less': [
    'notify-keyspace-events\nAKE\n',
    { name: 'notify-keyspace-events', value: 'Kx' },
    ['notify-keyspace-events: AKE -> Kx'],
  ],
  'the limits of one class': [
    `client-output-buffer-limit\n${LIMITS}\n`,
    { name: 'client-output-buffer-limit', value: 'replica 256mb 64MB 60' },
    [],
  ],
  'other limits of one class': [
    `client-output-buffer-limit\n${LIMITS}\n`,
    { name: 'client-output-buffer-limit', value: 'pubsub 64mb 8mb 60' },
    [`client-output-buffer-limit: ${LIMITS} -> pubsub 64mb 8mb 60`],
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
