import { test } from 'uvu'
import { docker } from '../../../../lib/operations/docker.ts'
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
  'two of one name': [network() + network(), want, /there are 2 networks of this name/],
  'a node that is no manager': [
    { exitCode: 3, stderr: 'this node is no manager of a swarm' },
    want,
    /no manager of a swarm/,
  ],
  'an empty answer': ['', want, /cannot be read/],
})

test.run()
