import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Deferred } from '../../../lib/deferred.ts'
import { swarm } from '../../../lib/operations/swarm.ts'
import type { Secret } from '../../../lib/secret.ts'

const test = suite('swarm')

test('the namespace offers these operations, each tested under docker/swarm', () => {
  assert.equal(Object.keys(swarm).sort(), ['id', 'init', 'join', 'token'])
})

test('a token is given by its operation, and needed by the one that joins', () => {
  const provides = new Deferred<Secret>('the worker token')
  assert.equal(swarm.token({ role: 'worker', provides }).provides, [provides])
  assert.equal(
    swarm.join({
      manager: '192.0.2.1',
      advertiseAddress: '192.0.2.2',
      token: provides,
      role: 'worker',
    }).provides,
    [],
  )
})

test.run()
