import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Deferred } from '../../lib/deferred.ts'
import type { Secret } from '../../lib/secret.ts'
import { docker } from '../../roles/docker.ts'
import { swarm } from '../../roles/swarm.ts'

const ids = (ops: readonly { id: string }[]) => ops.map(({ id }) => id)

test('docker: the settings are written before the package is installed', () => {
  const all = ids(docker({ package: 'docker.io', logs: { size: '20m', files: 5 } }))
  assert.equal(all, [
    'apt.packages ca-certificates curl iptables',
    'docker.engine docker.io',
    'docker.daemon /etc/docker/daemon.json',
    'apt.packages docker.io',
    'docker.engine docker-cli',
    'service docker',
  ])
})

test('docker: docker-ce comes from its own repository, in the version asked for', () => {
  const all = ids(
    docker({
      package: 'docker-ce',
      version: '5:29.7.2-1~debian.12~bookworm',
      logs: { size: '20m', files: 5 },
    }),
  )
  assert.ok(all.includes('docker.engine /etc/apt/sources.list.d/docker.sources'))
  assert.ok(
    all.some(id =>
      id.startsWith('apt.packages docker-ce=5:29.7.2-1~debian.12~bookworm docker-ce-cli=5:29.7.2'),
    ),
  )
})

test('swarm: the first manager gives what the others wait for', () => {
  const worker = new Deferred<Secret>('the token for workers')
  const first = swarm({
    as: 'first',
    advertise: '10.0.0.1',
    pool: '10.64.0.0/14',
    provides: { worker },
  })
  assert.equal(ids(first), ['swarm.init 10.0.0.1', 'swarm.token worker', 'docker.node self'])
  assert.equal(
    first.flatMap(({ provides }) => provides),
    [worker],
  )
  const other = swarm({ as: 'worker', advertise: '10.0.0.2', manager: '10.0.0.1', token: worker })
  assert.equal(ids(other), ['swarm.join 10.0.0.1'])
})

test.run()
