import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { ufw } from '../../../lib/operations/ufw.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const ssh = { rule: 'limit', port: 22, proto: 'tcp' } as const
const web = { rule: 'allow', port: '80,443', proto: 'tcp' } as const
const four = (text: string) => `tuple ${text} 0.0.0.0/0 any 0.0.0.0/0 in\n`
const six = (text: string) => `tuple ${text} ::/0 any ::/0 in\n`
const now = (
  rules: string,
  { input = 'DROP', on = 'yes', loaded = 'yes', v6 = 'yes', from = '10.0.0.9' } = {},
) =>
  `set IPV6=${v6}\nset DEFAULT_INPUT_POLICY=${input}\nset DEFAULT_OUTPUT_POLICY=ACCEPT\nset ENABLED=${on}\nset LOADED=${loaded}\n${rules}port=22\nport=22\nsession=${from}\nend\n`
const both = (text: string) => four(text) + six(text)
const right = both('limit tcp 22') + both('allow tcp 80,443')

plans(ufw, {
  'adds what is absent, for both families, and enables': [
    now('', { on: 'no', loaded: 'no', input: 'ACCEPT' }),
    { rules: [ssh] },
    [
      'rule: absent -> limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in',
      'rule: absent -> limit tcp 22 ::/0 any ::/0 in',
      'incoming: allow -> deny',
      'enabled: false -> true',
    ],
  ],
  'leaves what is right': [now(right), { rules: [ssh, web] }, []],
  'several ports in another order': [now(right), { rules: [ssh, { ...web, port: '443,80' }] }, []],
  'an address inside of its range': [
    now(`${right}tuple deny any any 0.0.0.0/0 any 172.16.32.0/19 in\n`),
    { rules: [ssh, web, { rule: 'deny', from: '172.16.43.9/19' }] },
    [],
  ],
  'IPv6 in another spelling': [
    now(`${right}tuple deny any any ::/0 any 2001:db8:0:8000::/49 in\n`),
    { rules: [ssh, web, { rule: 'deny', from: '2001:0DB8:0:8001::7/49' }] },
    [],
  ],
  'an address of IPv6 in another spelling': [
    now(`${right}tuple deny any any ::1 any ::/0 in\n`),
    { rules: [ssh, web, { rule: 'deny', to: '0:0::1' }] },
    [],
  ],
  'reads past comments': [
    now(right.replace('0/0 in\n', '0/0 in comment=6e6f\n')),
    { rules: [ssh, web] },
    [],
  ],
  'is for one family where there is one': [
    now(four('limit tcp 22'), { v6: 'no' }),
    { rules: [ssh] },
    [],
  ],
  'a rule with an address is for its family': [
    now(both('limit tcp 22')),
    { rules: [ssh, { rule: 'deny', from: '2001:db8::/32', direction: 'in', interface: 'eth0' }] },
    ['rule: absent -> deny any any ::/0 any 2001:db8::/32 in_eth0'],
  ],
  'takes out others': [
    now(right),
    { rules: [ssh] },
    [
      'rule: allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 in -> absent',
      'rule: allow tcp 80,443 ::/0 any ::/0 in -> absent',
    ],
  ],
  'leaves others where told to': [now(right), { rules: [ssh], exact: false }, []],
  'puts in order': [
    now(four('allow tcp 80,443') + four('limit tcp 22'), { v6: 'no' }),
    { rules: [ssh, web] },
    [
      'rule: in another place -> limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in',
      'rule: in another place -> allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 in',
    ],
  ],
  'sees rules that are kept and not loaded': [
    now(right, { loaded: 'no' }),
    { rules: [ssh, web] },
    ['enabled: false -> true'],
  ],
  'turns it off': [now(''), { rules: [], enabled: false }, ['enabled: true -> false']],
  'does not shut out sshd': [now(right), { rules: [web] }, /refused: sshd uses port 22/],
  'does not shut out this very connection': [
    now(right),
    { rules: [{ ...ssh, from: '192.0.2.0/24' }] },
    /refused: .* this connection comes from 10\.0\.0\.9/,
  ],
  'an earlier rule may shut it out': [
    now(right),
    { rules: [{ rule: 'deny', from: '10.0.0.0/8' }, ssh] },
    /refused/,
  ],
  'a rule of a profile is not taken out blindly': [
    now(`${right}tuple allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 Nginx - in\n`),
    { rules: [ssh, web] },
    /Nginx.*delete it by hand/,
  ],
  'a failed probe is unknown': [
    { exitCode: 3, stderr: 'ufw is not installed' },
    { rules: [ssh] },
    /not installed/,
  ],
  'what waits to be taken back is set again': [
    now(right).replace(/end\n$/, 'unproven\nend\n'),
    { rules: [ssh, web] },
    ['login: unproven -> proven'],
  ],
  'half an answer is unknown': ['set IPV6=yes\nend\n', { rules: [ssh] }, /the probe failed/],
})

test('rules are removed and added as ufw writes them; ssh is let in before the start', () => {
  const route = 'tuple route:allow_log any any 0.0.0.0/0 any 10.0.0.0/8 in_eth0!out_eth1\n'
  const plan = ufw({ rules: [ssh] }).decide(
    makeOutput(now(route, { v6: 'no', on: 'no' })),
    nothingPending,
  ) as Change
  const run = plan.apply.text.split('\n').filter(line => line.startsWith('run '))
  assert.equal(run, [
    'run route delete allow in on eth0 out on eth1 log from 10.0.0.0/8 to 0.0.0.0/0',
    'run limit in proto tcp from 0.0.0.0/0 to 0.0.0.0/0 port 22',
    'run --force enable',
  ])
})
test('bad options are errors at once', () => {
  const bad = (rule: object) => () => ufw({ rules: [{ rule: 'allow', ...rule }] })
  assert.throws(bad({ port: 0 }), /rules\[0\]\.port: 0 is not possible/)
  assert.throws(bad({ port: 70000 }), /rules\[0\]\.port: 70000 is not possible/)
  assert.throws(bad({ port: '80,443' }), /require a protocol/)
  assert.throws(bad({ from: '10.0.0.0/33' }), /not an address/)
  assert.throws(bad({ from: '10.0.0.1/32' }), /not an address/)
  assert.throws(bad({ interface: 'a b' }), /not a network interface/)
  assert.throws(() => ufw({ rules: [ssh, ssh] }), /listed twice/)
})

test.run()
