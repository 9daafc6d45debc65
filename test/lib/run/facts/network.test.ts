import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { addresses } from '../../../../lib/facts.ts'
import { gathers, reads } from '../../../support/facts.ts'

const lifetime = '\\       valid_lft forever preferred_lft forever'
const iproute = `1: lo    inet 127.0.0.1/8 scope host lo${lifetime}
1: lo    inet6 ::1/128 scope host ${lifetime}
21: eth0    inet 10.213.1.22/24 brd 10.213.1.255 scope global eth0${lifetime}
22: wg0@eth0    inet 10.9.0.1 peer 10.9.0.2/32 scope global wg0${lifetime}
`
const busybox = `4: eth0    inet6 fd00::2/64 scope global flags 02 ${lifetime}
4: eth0    inet6 fe80::fc:ff:fe00:1/64 scope link ${lifetime}
`
const of = (name: string, address: string, prefix: number, family: 4 | 6, scope: string) => ({
  interface: name,
  address,
  prefix,
  family,
  scope,
})

reads(addresses, {
  'of iproute2': [
    iproute,
    [
      of('lo', '127.0.0.1', 8, 4, 'host'),
      of('lo', '::1', 128, 6, 'host'),
      of('eth0', '10.213.1.22', 24, 4, 'global'),
      of('wg0', '10.9.0.1', 32, 4, 'global'),
    ],
  ],
  'of busybox': [
    busybox,
    [of('eth0', 'fd00::2', 64, 6, 'global'), of('eth0', 'fe80::fc:ff:fe00:1', 64, 6, 'link')],
  ],
  nothing: ['', /no address/],
})

gathers(addresses, found => assert.ok(found.some(({ address }) => address === '127.0.0.1')))

test.run()
