import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change, Operation } from '../../../lib/operation.ts'
import { sha256 } from '../../../lib/operations/file/content.ts'
import { allowsAddress, formatRules } from '../../../lib/operations/firewall/rules.ts'
import { type Firewall, firewall } from '../../../lib/operations/firewall.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const kept = (want: Firewall) => firewall(want)[1] as Operation
const want: Firewall = { allow: [{ port: 80 }] }
const content = formatRules(want.allow, {})
const file = `regular file|600|0|0|root|root|${content.length}\n${sha256(content)}\n`
const host = (v4 = 'loaded', v6 = v4, ssh = 'port=22\nport=22\nsession=10.0.0.9\n') =>
  `iptables=${v4}\nip6tables=${v6}\n${ssh}`
const creates = [
  `content: absent -> ${content}`,
  'mode: absent -> 600',
  'owner: absent -> root',
  'group: absent -> root',
]

plans(kept, {
  'loads what is absent': [
    `${host('absent')}absent\n`,
    want,
    [...creates, 'iptables: absent -> loaded', 'ip6tables: absent -> loaded'],
  ],
  'leaves what is right': [host() + file, want, []],
  'puts right what was changed by hand': [
    host('changed', 'loaded') + file,
    want,
    ['iptables: changed -> loaded'],
  ],
  'loads again what was flushed': [
    host('absent', 'loaded') + file,
    want,
    ['iptables: absent -> loaded'],
  ],
  'asks for no IPv6 where the host has none': [host('loaded', 'unusable') + file, want, []],
  'refuses to close a port of sshd': [
    host('absent', 'absent', 'port=2222\n') + file,
    want,
    /sshd uses port 2222, which these rules would close/,
  ],
  'refuses to shut out this very connection': [
    host() + file,
    { ...want, ssh: { from: ['192.0.2.0/24'] } },
    /comes from 10.0.0.9, which ssh.from does not allow/,
  ],
  'a failed probe is unknown': [
    { exitCode: 1, stderr: 'iptables: Permission denied' },
    want,
    /Permission denied/,
  ],
  'no iptables is unknown': [{ exitCode: 1, stderr: 'iptables: not found' }, want, /not found/],
})

test('the rules of a family are those for its addresses', () => {
  const text = formatRules(
    [
      { port: '7000-7010', proto: 'udp', from: ['10.0.0.0/8', '2001:db8::/32'] },
      { proto: 'esp', from: ['10.0.0.1'] },
    ],
    { ports: [22, 2222], from: ['10.1.0.0/16'] },
  )
  assert.equal(
    text.split('\n').filter(line => /7000|esp|dport 22/.test(line)),
    [
      '4 -A BRD-INPUT -s 10.1.0.0/16 -p tcp -m tcp --dport 22 -j ACCEPT',
      '4 -A BRD-INPUT -s 10.1.0.0/16 -p tcp -m tcp --dport 2222 -j ACCEPT',
      '4 -A BRD-INPUT -s 10.0.0.0/8 -p udp -m udp --dport 7000:7010 -j ACCEPT',
      '4 -A BRD-INPUT -s 10.0.0.1/32 -p esp -j ACCEPT',
      '4 -A BRD-DOCKER -s 10.0.0.0/8 -p udp -m conntrack --ctstate DNAT --ctorigdstport 7000:7010 -j RETURN',
      '6 -A BRD-INPUT -s 2001:db8::/32 -p udp -m udp --dport 7000:7010 -j ACCEPT',
      '6 -A BRD-DOCKER -s 2001:db8::/32 -p udp -m conntrack --ctstate DNAT --ctorigdstport 7000:7010 -j RETURN',
    ],
  )
})
test('what is established comes first, and the drop last', () => {
  const chain = content.split('\n').filter(line => line.startsWith('4 -A BRD-INPUT'))
  assert.match(chain[0] ?? '', /RELATED,ESTABLISHED -j ACCEPT/)
  assert.is(chain.at(-1), '4 -A BRD-INPUT -j DROP')
})
test('an address is let in by a range that holds it', () => {
  assert.ok(allowsAddress({}, '203.0.113.7'))
  assert.ok(allowsAddress({ from: ['10.0.0.0/8', '2001:db8::/32'] }, '10.213.1.1'))
  assert.ok(allowsAddress({ from: ['2001:db8::/32'] }, '2001:db8::5'))
  assert.not(allowsAddress({ from: ['10.0.0.0/16'] }, '10.213.1.1'))
})
test('the old rules come back by themselves unless the new ones are proven', () => {
  const { apply, provenByLogin } = kept(want).decide(
    makeOutput(`${host('absent')}absent\n`),
    nothingPending,
  ) as Change
  const steps = [
    'systemd-run --quiet --collect --unit=brd-firewall-undo --on-active=60',
    'brd-firewall load "$new"',
    'await_login || undo',
    'mv -f -T',
    '\nend\n',
  ]
  const places = steps.map(step => apply.text.lastIndexOf(step))
  assert.equal(
    places,
    [...places].sort((a, b) => a - b),
  )
  assert.ok(places.every(place => place > 0))
  assert.is(provenByLogin, true)
})
test('bad options are errors at once', () => {
  assert.throws(
    () => firewall({ allow: [{ port: 70000 }] }),
    /allow\[0\]\.port: 70000 is not possible/,
  )
  assert.throws(() => firewall({ allow: [{ port: '9-3' }] }), /9-3 is not a port/)
  assert.throws(
    () => firewall({ allow: [{ port: 1, from: ['10.0.0.0/33'] }] }),
    /is not an address or a range/,
  )
  assert.throws(
    () => firewall({ allow: [{ port: 1, from: ['office'] }] }),
    /is not an address or a range/,
  )
  assert.throws(() => firewall({ allow: [], ssh: { ports: [] } }), /at least one port of ssh/)
})

test.run()
