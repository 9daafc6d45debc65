import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { docker } from '../../../../lib/operations/docker.ts'
import { Secret } from '../../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const password = new Secret('hunter2', 'registry')
const want = { registry: 'r.example:5000', user: 'ci', password, hmac: () => 'abcdef' }
const right = 'file 600 root\nproof abcdef\nlogin current\n'

plans(docker.login, {
  'logs in where there is none': [
    'file absent\nlogin absent\n',
    want,
    ['login: absent -> ci with (secret registry)', 'mode: absent -> 600', 'owner: absent -> root'],
  ],
  'leaves what is right': [right, want, []],
  'another password': [
    'file 600 root\nproof 000000\nlogin current\n',
    want,
    ['login: another -> ci with (secret registry)'],
  ],
  'what another put there': [
    'file 600 root\nproof abcdef\nlogin other\n',
    want,
    ['login: another -> ci with (secret registry)'],
  ],
  'a file that others can read': [
    'file 644 root\nproof abcdef\nlogin current\n',
    want,
    ['mode: 644 -> 600'],
  ],
  "a file that is root's": [
    'file 600 root\nproof abcdef\nlogin current\n',
    { ...want, account: 'deploy' },
    ['owner: root -> deploy'],
  ],
  'logs out': [right, { registry: 'r.example:5000', state: 'absent' }, ['login: there -> absent']],
  'is logged out already': ['file absent\nlogin absent\n', { state: 'absent' }, []],
  'no such user': [
    { exitCode: 3, stderr: 'there is no user deploy' },
    { ...want, account: 'deploy' },
    /there is no user deploy/,
  ],
  'nothing printed is not an absent login': ['', want, /cannot be read/],
})

test('the password is stdin alone', () => {
  const op = docker.login(want)
  const plan = op.decide(makeOutput('file absent\nlogin absent\n'), nothingPending)
  assert.ok(plan && 'apply' in plan)
  assert.is(plan.stdin, password)
  for (const text of [op.probe.text, plan.apply.text, JSON.stringify(plan)])
    assert.not.match(text, /hunter2/)
})

test('what is no registry is an error at once', () => {
  assert.throws(() => docker.login({ ...want, registry: 'https://r.example' }), /is not a registry/)
})

test.run()
