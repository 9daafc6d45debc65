import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { DockerSecret } from '../../../../lib/operations/docker/secret.ts'
import { docker } from '../../../../lib/operations/docker.ts'
import { Secret } from '../../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const value = new Secret('hunter2', 'stage/key')
const want = { name: 'key', value, hmac: () => 'abcdef0123456789', fixed: true }
const secret = (Labels: object | null, Name = 'key'): string =>
  `${JSON.stringify({ ID: 's1', Spec: { Name, Labels } })}\n200\n`
const none = '{"message":"secret key not found"}\n404\n'

plans<DockerSecret>(docker.secret, {
  'makes what is absent': [none, want, ['value: absent -> (secret stage/key)']],
  'leaves what is right': [secret({ 'brd.hmac': 'abcdef012345', x: 'y' }), want, []],
  'a fixed name with another value': [
    secret({ 'brd.hmac': '000000000000' }),
    want,
    /cannot change a secret \(value\): leave out `fixed`/,
  ],
  'one that was made by hand': [secret(null), want, /this operation did not create/],
  'removes it, whoever made it': [
    secret(null),
    { name: 'key', state: 'absent' },
    ['secret: key -> absent'],
  ],
  'the beginning of the id of another secret is not its name': [
    secret(null, 'other'),
    { name: 'key', state: 'absent' },
    [],
  ],
  'is absent already': [none, { name: 'key', state: 'absent' }, []],
  'a node that is no manager': [
    '{"message":"This node is not a swarm manager."}\n503\n',
    want,
    /not a swarm manager/,
  ],
  'nothing printed is not an absent secret': ['', want, /cannot be read/],
})

test('its name carries a keyed hash of its value, and the value is stdin alone', () => {
  const op = docker.secret({ ...want, fixed: false })
  assert.is(op.name, 'key_abcdef012345')
  const plan = op.decide(makeOutput(none), nothingPending)
  assert.ok(plan && 'apply' in plan)
  assert.is(plan.stdin, value)
  for (const text of [op.probe.text, plan.apply.text, JSON.stringify(plan)])
    assert.not.match(text, /hunter2/)
})

test('an hmac that is none is an error at once', () => {
  assert.throws(
    () => docker.secret({ ...want, hmac: () => 'short' }),
    /12 or more hexadecimal digits/,
  )
})

test.run()
