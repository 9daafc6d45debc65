import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { docker } from '../../../../lib/operations/docker.ts'
import { makeDockerShim } from '../../../support/docker-shim.ts'
import { plans } from '../../../support/operations.ts'

const network = (more = {}): string =>
  `${JSON.stringify({ Driver: 'overlay', Scope: 'swarm', Attachable: false, Internal: false, Options: { 'com.docker.network.driver.mtu': '1350' }, IPAM: { Config: [{ Subnet: '10.64.1.0/24' }] }, ...more })}\n`
const want = { name: 'proxy', mtu: 1350 }

plans(docker.network, {
  'creates what is absent': [
    'absent\n',
    want,
    [
      'driver: absent -> overlay',
      'attachable: absent -> false',
      'internal: absent -> false',
      'encrypted: absent -> false',
      'mtu: absent -> 1350',
    ],
  ],
  'leaves what is right': [network(), want, []],
  'leaves an mtu that is not asked for': [network(), { name: 'proxy' }, []],
  'the subnet that is asked for': [network(), { ...want, subnet: '10.64.1.0/24' }, []],
  'another subnet': [
    network(),
    { ...want, subnet: '10.9.0.0/24' },
    /cannot change a network \(subnet: 10.64.1.0\/24, wanted 10.9.0.0\/24\)/,
  ],
  'another mtu': [network({ Options: null }), want, /mtu: null, wanted 1350/],
  'a local bridge of that name': [
    network({ Driver: 'bridge', Scope: 'local' }),
    { name: 'proxy' },
    /driver: bridge \(local\), wanted overlay/,
  ],
  'one that is encrypted': [
    network({ Options: { encrypted: '' } }),
    { name: 'proxy', encrypted: true },
    [],
  ],
  'one that is not, where it should be': [
    network(),
    { name: 'proxy', encrypted: true },
    /cannot change a network \(encrypted: false, wanted true\)/,
  ],
  'an encrypted one without ESP would carry nothing': [
    'esp absent\n',
    { name: 'proxy', encrypted: true },
    /the kernel has no ESP/,
  ],
  'two of one name': [network() + network(), want, /there are 2 networks of this name/],
  'a node that is no manager': [
    { exitCode: 3, stderr: 'this node is no manager of a swarm' },
    want,
    /no manager of a swarm/,
  ],
  'an empty answer': ['', want, /cannot be read/],
})

test('a name is a name: neither a part of one, nor a pattern', () => {
  const docker_ = makeDockerShim(`case "$1 $2" in
  'info --format') echo true ;;
  'network ls') printf '%s\\n' 'a.b-2 n1' 'axb n2' 'x-a.b n3' "$NETWORK" ;;
  'network inspect') echo "$5" ;;
esac`)
  const probe = docker.network({ name: 'a.b' }).probe.text.replace(/\[ -S [^\n]*/, ':')
  const ask = (NETWORK: string) =>
    spawnSync('sh', ['-c', probe], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${docker_.folder}:${process.env['PATH']}`, NETWORK },
    }).stdout
  try {
    assert.is(ask('other n4'), 'absent\n')
    assert.is(ask('a.b n4'), 'n4\n')
  } finally {
    docker_.remove()
  }
})

test.run()
