import { connect } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Firewall, firewall } from '../../lib/operations/firewall.ts'
import { type LabHost, openLabHost, settlesLive } from '../support/lab-host.ts'
import { resetHosts } from '../support/reset-hosts.ts'

let host: LabHost
test.before(async () => {
  host = openLabHost('new-prod')
  await resetHosts('new-prod')
  host.root(
    `${clean}; systemctl stop brd-listen 2>/dev/null || :; systemd-run --quiet --collect --unit brd-listen /usr/sbin/sshd -D -p 8081 -o PidFile=none`,
  )
})
test.after(async () => {
  host?.root(`systemctl stop brd-listen || :; ${clean}`)
  await host?.end()
})

const clean =
  '[ ! -e /usr/local/sbin/brd-firewall ] || /usr/local/sbin/brd-firewall unload; systemctl disable --quiet brd-firewall brd-firewall-docker 2>/dev/null || :; rm -rf /usr/local/sbin/brd-firewall /etc/brd/firewall.rules /etc/systemd/system/brd-firewall* /var/lib/brd/stamps/firewall.*; systemctl daemon-reload'

/** Whether a new connection from here to the host's port comes about within two seconds. */
const reaches = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ host: host.address, port })
    const end = (is: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(is)
    }
    const timer = setTimeout(() => end(false), 2000)
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })

const wall = (allow: Firewall['allow'], ssh = {}) => firewall({ allow, ssh })

settlesLive(
  () => host,
  'a firewall',
  () => wall([]),
  {
    after: async host => {
      assert.equal([await reaches(22), await reaches(8081)], [true, false])
      assert.is(host.root('systemctl list-timers --all --no-legend brd-firewall-undo.timer'), '')
    },
  },
)
settlesLive(
  () => host,
  'one port more, from here',
  () => wall([{ port: 8081, from: ['10.0.0.0/8'] }]),
  {
    kinds: ['ok', 'changed', 'ok', 'ok', 'ok', 'ok'],
    after: async () => assert.is(await reaches(8081), true),
  },
)
settlesLive(
  () => host,
  'the same port, from elsewhere',
  () => wall([{ port: 8081, from: ['192.0.2.0/24', '2001:db8::/32'] }]),
  {
    kinds: ['ok', 'changed', 'ok', 'ok', 'ok', 'ok'],
    after: async () => assert.is(await reaches(8081), false),
  },
)
settlesLive(
  () => host,
  'rules that were changed by hand',
  () => wall([]),
  {
    before: 'iptables -I BRD-INPUT 1 -p tcp --dport 8081 -j ACCEPT',
    kinds: ['ok', 'changed', 'ok', 'ok', 'ok', 'ok'],
    after: async () => assert.is(await reaches(8081), false),
  },
)
settlesLive(
  () => host,
  'rules that were flushed',
  () => wall([]),
  {
    before: 'iptables -F; iptables -X BRD-INPUT',
    kinds: ['ok', 'changed', 'ok', 'ok', 'ok', 'ok'],
  },
)
test('the rules are loaded at boot and again after Docker, and other chains stay', async () => {
  host.root(
    'iptables -D INPUT -j BRD-INPUT; iptables -N OTHERS; iptables -A OTHERS -j RETURN; iptables -A DOCKER-USER -j RETURN; systemctl start brd-firewall-docker; systemctl restart brd-firewall',
  )
  assert.is(await reaches(8081), false)
  assert.match(
    host.root(
      'iptables -S OTHERS; iptables -S DOCKER-USER; iptables -F OTHERS; iptables -X OTHERS',
    ),
    /-A OTHERS -j RETURN\n-N DOCKER-USER\n-A DOCKER-USER -j BRD-DOCKER\n-A DOCKER-USER -j RETURN\n/,
  )
})

test('rules that would shut out this connection are refused before any change', async () => {
  const run = await host.converge(wall([], { from: ['192.0.2.0/24'] }))
  assert.match(
    run.error?.message ?? '',
    /this connection comes from .* which ssh.from does not allow/,
  )
})
test('rules that were loaded and never proven are taken back by the timer', async () => {
  host.root(
    "printf '4 -A BRD-INPUT -p tcp --dport 8081 -j ACCEPT\\n' >/run/loose; systemd-run --quiet --collect --unit=brd-firewall-undo --on-active=2 --timer-property=AccuracySec=1s /usr/local/sbin/brd-firewall load; /usr/local/sbin/brd-firewall load /run/loose",
  )
  assert.is(await reaches(8081), true, 'the loose rules are loaded')
  host.root(
    'i=0; until iptables -S BRD-INPUT | grep -q DROP; do i=$((i+1)); [ $i -lt 20 ]; sleep 0.5; done; rm /run/loose',
  )
  assert.is(await reaches(8081), false)
})

/**
 * What Docker does for a published port: a network namespace, a DNAT rule, and FORWARD through
 * DOCKER-USER.
 */
const publish = `ip netns add brdc && ip link add brdv0 type veth peer name eth0 netns brdc
ip addr add 172.31.77.1/24 dev brdv0; ip link set brdv0 up
ip -n brdc addr add 172.31.77.2/24 dev eth0; ip -n brdc link set eth0 up
ip -n brdc route add default via 172.31.77.1
echo 1 >/proc/sys/net/ipv4/ip_forward
iptables -t nat -A PREROUTING -p tcp --dport 8090 -j DNAT --to-destination 172.31.77.2:80
iptables -I FORWARD -j DOCKER-USER
systemd-run --quiet --collect --unit brd-published \\
  ip netns exec brdc /usr/sbin/sshd -D -p 80 -o PidFile=none`
const unpublish =
  'systemctl stop brd-published || :; iptables -t nat -D PREROUTING -p tcp --dport 8090 -j DNAT --to-destination 172.31.77.2:80 || :; iptables -D FORWARD -j DOCKER-USER || :; ip link del brdv0 || :; ip netns del brdc || :'

test('a published port passes INPUT by, and is shut all the same until it is allowed', async () => {
  try {
    host.root(publish)
    assert.is((await host.converge(wall([]))).result, 'ok')
    assert.is(await reaches(8090), false)
    assert.is((await host.converge(wall([{ port: 80 }]))).result, 'ok')
    assert.is(await reaches(8090), false, "the container's own port is not the published one")
    assert.is((await host.converge(wall([{ port: 8090, from: ['192.0.2.1'] }]))).result, 'ok')
    assert.is(await reaches(8090), false)
    assert.is((await host.converge(wall([{ port: 8090 }]))).result, 'ok')
    assert.is(await reaches(8090), true)
    host.root('ip netns exec brdc timeout 5 ssh-keyscan -p 22 172.31.77.1 2>/dev/null | grep -q .')
  } finally {
    host.root(unpublish)
  }
})

test.run()
