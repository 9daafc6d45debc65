import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { docker } from '../../../lib/operations/docker.ts'

const test = suite('docker')

test('the namespace offers these operations, each tested under docker/', () => {
  assert.equal(Object.keys(docker).sort(), [
    'config',
    'container',
    'daemon',
    'engine',
    'image',
    'login',
    'network',
    'node',
    'prune',
    'secret',
    'volume',
  ])
})

test('an engine from Debian and one from Docker do not name the same operations twice', () => {
  const logs = { settings: { 'log-driver': 'json-file' } } as const
  for (const from of ['docker.io', 'docker-ce'] as const) {
    const ids = docker.engine({ package: from, ...logs }).map(({ id }) => id)
    assert.is(new Set(ids).size, ids.length, from)
    assert.ok(
      ids.some(id => id.includes(from)),
      from,
    )
    assert.is(ids.at(-1), 'service docker')
  }
})

test.run()
