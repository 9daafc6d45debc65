import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Deferred } from '../../../../lib/deferred.ts'
import { Unknown } from '../../../../lib/operation.ts'
import { swarm } from '../../../../lib/operations/swarm.ts'
import { Secret } from '../../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const node = (
  state: string,
  control: boolean,
  address = '',
  managers: string[] = [],
  cluster = '',
  error = '',
): string => [state, control, address, `${managers.join(' ')} `, cluster, error, ''].join('\n')
const inactive = node('inactive', false)
const manager = node('active', true, '10.0.0.1', ['10.0.0.1:2377'], '10.64.0.0/14 24 4789')
const worker = node('active', false, '10.0.0.2', ['10.0.0.1:2377'])
const init = { advertiseAddress: '10.0.0.1', pool: '10.64.0.0/14' }

plans(swarm.init, {
  'creates one': [
    inactive,
    init,
    ['swarm: absent -> manager at 10.0.0.1', 'pool: absent -> 10.64.0.0/14'],
  ],
  'leaves its own': [manager, init, []],
  'a worker of another': [
    worker,
    init,
    /is a worker of the swarm of 10.0.0.1:2377: to make it a manager/,
  ],
  'another address': [
    manager,
    { advertiseAddress: '10.0.0.9' },
    /address in its swarm is 10.0.0.1, not 10.0.0.9/,
  ],
  'another pool': [
    manager,
    { ...init, pool: '10.0.0.0/8' },
    /created with the pool 10.64.0.0\/14\/24, not .*it cannot change/,
  ],
  'another data path port': [
    manager,
    { ...init, dataPathPort: 7789 },
    /data path port 4789, not .*it cannot change/,
  ],
  'a locked one': [node('locked', false), init, /locked on this node: run `docker swarm unlock`/],
  'one in error': [
    node('error', false, '', [], '', 'certificate expired'),
    init,
    /in error: certificate expired/,
  ],
  'one that waits for a manager': [node('pending', false), init, /still joining a swarm/],
  'no Docker': [
    { exitCode: 3, stderr: 'Docker is not installed' },
    init,
    /Docker is not installed/,
  ],
  'an answer without a state': ['', init, /the swarm cannot be read/],
})

const given = new Deferred<Secret>('the token')
given.provide(new Secret('SWMTKN-1-abc', 'token'))
const join = {
  manager: '10.0.0.1',
  advertiseAddress: '10.0.0.2',
  role: 'worker',
  token: given,
} as const
plans(swarm.join, {
  joins: [inactive, join, ['swarm: absent -> worker of 10.0.0.1:2377']],
  'leaves a member': [worker, { ...join, token: new Deferred<Secret>('not asked for') }, []],
  'a member of another': [
    node('active', false, '10.0.0.2', ['10.9.9.9:2377']),
    join,
    /in the swarm of 10.9.9.9:2377, not of 10.0.0.1:2377/,
  ],
  'waits for the token': [
    inactive,
    { ...join, token: new Deferred<Secret>('the join token of old-one') },
    /until the join token of old-one/,
  ],
})

test('the token goes by stdin, inside the body, and is not in the script', () => {
  const plan = swarm.join(join).decide(makeOutput(inactive), nothingPending)
  if (!plan || plan instanceof Unknown) throw new Error('a plan is expected')
  const parts = plan.stdin as readonly (string | Secret)[]
  const body = JSON.parse(
    parts.map(part => (part instanceof Secret ? part.reveal() : part)).join(''),
  )
  assert.equal(body, {
    ListenAddr: '0.0.0.0:2377',
    AdvertiseAddr: '10.0.0.2',
    RemoteAddrs: ['10.0.0.1:2377'],
    JoinToken: 'SWMTKN-1-abc',
  })
  assert.not.match(plan.apply.text + JSON.stringify(plan.diff), /SWMTKN/)
})

test('a token is given to those who wait, as a secret', () => {
  const provides = new Deferred<Secret>('the token')
  const op = swarm.token({ role: 'worker', provides })
  assert.is(op.decide(makeOutput('SWMTKN-1-xyz\n'), nothingPending), null)
  assert.is((provides.get() as Secret).reveal(), 'SWMTKN-1-xyz')
  assert.equal(op.provides, [provides])
})

test('what is no token is not given', () => {
  const provides = new Deferred<Secret>('the token')
  assert.instance(
    swarm
      .token({ role: 'worker', provides })
      .decide(makeOutput({ exitCode: 1, stderr: 'not a manager' }), nothingPending),
    Unknown,
  )
  assert.instance(provides.get(), Unknown)
})

const ids = new Deferred<string>('the id')
plans(swarm.id, {
  'a node of a swarm says who it is': ['active abc\n', { provides: ids }, []],
  'a node outside of any swarm': ['inactive \n', { provides: ids }, /in no swarm/],
  'a node that is still joining is nobody yet': ['pending abc\n', { provides: ids }, /in no swarm/],
  'Docker does not answer': [{ exitCode: 1, stderr: 'down' }, { provides: ids }, /down/],
})

test('the id is provided to those who wait for it', () => {
  const provides = new Deferred<string>('the id of a')
  swarm.id({ provides }).decide(makeOutput('active abc\n'), nothingPending)
  assert.is(provides.get(), 'abc')
})

test.run()
