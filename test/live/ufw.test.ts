import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { apt } from '../../lib/operations/apt.ts'
import { type Ufw, ufw } from '../../lib/operations/ufw.ts'
import { skip } from '../../scripts/test/skip.ts'
import { type LabHost, openLabHost, settlesLive } from '../support/lab-host.ts'

const others = 'for t in iptables ip6tables; do $t -S 2>/dev/null | grep -v ufw || :; done'
let host: LabHost
let before: string
test.before(async () => {
  host = openLabHost('infra-stage')
  if (host.root('command -v ufw || :') !== '') skip('infra-stage has a ufw of its own')
  before = host.root(`dpkg-query -W -f '\${Package}\\n' | sort >/root/brd-packages; ${others}`)
  const run = await host.converge([apt.packages({ names: ['ufw'] })])
  assert.is(run.result, 'ok', JSON.stringify(run.error))
  // it would set the kernel's network
  host.root("sed -i 's/^IPT_SYSCTL=.*/IPT_SYSCTL=/' /etc/default/ufw")
})
test.after(async () => {
  host?.root(`[ -e /root/brd-packages ] || exit 0
    ufw --force disable >/dev/null 2>&1 || :
    for t in iptables ip6tables; do
      $t -S | sed -n '/-j ufw/s/^-A/-D/p' | while read -r r; do $t $r; done
      for c in $($t -S | sed -n 's/^-N \\(ufw.*\\)/\\1/p'); do $t -X $c; done
    done
    apt-get -qq -y purge $(
      dpkg-query -W -f '\${Package}\\n' | sort | comm -13 /root/brd-packages -
    ) >/dev/null 2>&1
    rm -rf /etc/ufw /etc/default/ufw /root/brd-packages`)
  await host?.end()
})
const settles = (title: string, want: Ufw, after: (host: LabHost) => void) =>
  settlesLive(
    () => host,
    title,
    () => [ufw(want)],
    { kinds: ['changed'], after },
  )
const added = (of: LabHost) => of.root('ufw show added').trim().split('\n').slice(1)

const ssh = { rule: 'allow', port: 22, proto: 'tcp' } as const
const web = { rule: 'limit', port: '80,443', proto: 'tcp', from: '10.0.0.0/8' } as const
const mail = { rule: 'reject', port: 25, direction: 'out', interface: 'eth0' } as const

settles(
  'rules of all kinds, and on',
  {
    rules: [
      ssh,
      web,
      { rule: 'deny', port: '7000:7010', proto: 'udp', from: '2001:db8::/32' },
      mail,
    ],
    outgoing: 'allow',
  },
  host => {
    assert.match(host.root('ufw status'), /Status: active/)
    assert.ok(added(host).some(line => /limit .*10\.0\.0\.0\/8 .*80,443/.test(line)))
  },
)
settles(
  'another order, one more and one less',
  { rules: [mail, ssh, { rule: 'allow', port: 53 }, web] },
  host =>
    assert.equal(
      host.root("sed -n 's/^### tuple ### //p' /etc/ufw/user.rules").trim().split('\n'),
      [
        'reject any 25 0.0.0.0/0 any 0.0.0.0/0 out_eth0',
        'allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in',
        'allow any 53 0.0.0.0/0 any 0.0.0.0/0 in',
        'limit tcp 80,443 0.0.0.0/0 any 10.0.0.0/8 in',
      ],
    ),
)
settles('what was changed by hand', { rules: [ssh] }, host =>
  assert.is(added(host).filter(line => !line.includes('22')).length, 0),
)
test('rules that shut out sshd are refused, and nothing has changed', async () => {
  const was = host.root('cat /etc/ufw/user.rules')
  assert.match(
    (await host.converge([ufw({ rules: [web] })])).error?.message ?? '',
    /refused: sshd uses port 22/,
  )
  assert.is(host.root('cat /etc/ufw/user.rules'), was)
})
settles('off', { rules: [ssh], enabled: false }, host => {
  assert.match(host.root('ufw status'), /inactive/)
  assert.is(host.root(others), before, 'the rules of others are as they were')
})

test.run()
