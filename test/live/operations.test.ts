import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { apt } from '../../lib/operations/apt.ts'
import { authorizedKeys } from '../../lib/operations/authorizedKeys.ts'
import { file } from '../../lib/operations/file.ts'
import { group } from '../../lib/operations/group.ts'
import { hostname } from '../../lib/operations/hostname.ts'
import { service } from '../../lib/operations/service.ts'
import { sudoers } from '../../lib/operations/sudoers.ts'
import { sysctl } from '../../lib/operations/sysctl.ts'
import { systemd } from '../../lib/operations/systemd.ts'
import { timezone } from '../../lib/operations/timezone.ts'
import { user } from '../../lib/operations/user.ts'
import { type LabHost, openLabHost, settlesLive } from '../support/lab-host.ts'
import { resetHosts } from '../support/reset-hosts.ts'

let host: LabHost
test.before(async () => {
  host = openLabHost('new-prod')
  await resetHosts('new-prod')
})
test.after(() => host?.end())
const settles = (
  title: string,
  make: Parameters<typeof settlesLive>[2],
  rest?: Parameters<typeof settlesLive>[3],
) => settlesLive(() => host, title, make, rest)

settles('a package', () => [apt.packages({ names: ['jq'] })], {
  before:
    'apt-get -qq -y purge --allow-change-held-packages jq >/dev/null 2>&1 || :; rm -f /var/lib/brd/stamps/apt-lists',
  kinds: ['changed'],
  after: host => void host.root('jq --version'),
})
settles(
  'a package after an interrupted dpkg',
  () => [apt.packages({ names: ['jq'], hold: true })],
  {
    before:
      "dpkg --unpack $(cd /tmp && apt-get -qq download jq && echo /tmp/jq_*.deb) >/dev/null; dpkg-query -W -f '${db:Status-Abbrev}' jq | grep -q iU",
    after: host => assert.match(host.root('apt-mark showhold'), /jq/),
  },
)
settles('a package less', () => [apt.packages({ names: ['jq'], state: 'absent', hold: false })], {
  kinds: ['changed'],
})

const conf = (text: string) => file({ path: '/etc/brd-test.conf', content: text })
const unit = (text = '/etc/brd-test.conf') =>
  systemd.unit({
    name: 'brd-test.service',
    content: `[Service]\nExecStart=/bin/sh -c 'cat ${text} >/run/brd-test; exec sleep infinity'\nExecReload=/bin/sh -c 'cat ${text} >/run/brd-test'\n\n[Install]\nWantedBy=multi-user.target\n`,
  })
const running = (config: ReturnType<typeof file>, on: 'restartOn' | 'reloadOn' = 'restartOn') =>
  service({ name: 'brd-test', state: 'running', enabled: true, [on]: [config] })
const holds = (text: string) => (host: LabHost) => assert.is(host.root('cat /run/brd-test'), text)
const pid = (host: LabHost) => host.root('systemctl show --property=MainPID --value brd-test')

const clean =
  'systemctl disable --now brd-test 2>/dev/null || :; rm -rf /etc/brd-test.conf /etc/systemd/system/brd-test.service* /var/lib/brd/stamps/brd-test* /run/brd-test; systemctl daemon-reload'
settles('a new service: file, unit, start', () => [conf('one\n'), unit(), running(conf('one\n'))], {
  before: clean,
  kinds: ['changed', 'changed', 'changed'],
  after: holds('one\n'),
})

test('a service restarts in the run that changes its input, and check foretells it', async () => {
  const config = conf('two\n')
  const ops = [config, unit(), running(config)]
  const check = await host.converge(ops, true)
  assert.equal(
    check.outcomes.map(({ is }) => is),
    ['would-change', 'ok', 'would-change'],
  )
  const run = await host.converge(ops)
  assert.equal(
    [run.result, run.trips, run.outcomes.map(({ is }) => is)],
    ['ok', 2, ['changed', 'ok', 'changed']],
  )
  holds('two\n')(host)
})

test('a run that died between the file and the restart heals at the next', async () => {
  const config = conf('three\n')
  const ops = [config, unit(), running(config)]
  assert.is((await host.converge([config])).result, 'ok')
  holds('two\n')(host)
  const run = await host.converge(ops)
  assert.equal(
    run.outcomes.map(({ is }) => is),
    ['ok', 'ok', 'changed'],
  )
  holds('three\n')(host)
})

test('first contact adopts only a unit that started after its inputs', async () => {
  host.root('rm -f /var/lib/brd/stamps/brd-test*; sleep 1.1; systemctl restart brd-test; sleep 1')
  const config = conf('three\n')
  const ops = [config, unit(), running(config)]
  const was = pid(host)
  assert.equal(
    (await host.converge(ops)).outcomes.map(({ is }) => is),
    ['ok', 'ok', 'ok'],
  )
  assert.is(pid(host), was)
  host.root('echo four >/etc/brd-test.conf')
  const run = await host.converge([conf('four\n'), unit(), running(conf('four\n'))])
  assert.equal(
    run.outcomes.map(({ is }) => is),
    ['ok', 'ok', 'changed'],
  )
  holds('four\n')(host)
})

test('a reload keeps the process', async () => {
  const was = pid(host)
  const config = conf('five\n')
  const run = await host.converge([config, unit(), running(config, 'reloadOn')])
  assert.is(run.result, 'ok', JSON.stringify(run.error))
  holds('five\n')(host)
  assert.is(pid(host), was)
})

test('a unit that systemd has not read again is corrected, and then its service', async () => {
  host.root(
    'cp /etc/systemd/system/brd-test.service /tmp/u; echo "# x" >>/etc/systemd/system/brd-test.service; systemctl daemon-reload; cp /tmp/u /etc/systemd/system/brd-test.service',
  )
  const run = await host.converge([unit()])
  assert.equal(run.outcomes, [
    {
      is: 'changed',
      diff: [{ key: 'loaded', before: 'an older version', after: 'this one' }],
      foreseen: true,
    },
  ])
})

test('a service that crashes at once is a failure that shows why', async () => {
  host.root(
    'mkdir -p /run/systemd/system && printf \'[Service]\\nExecStart=/bin/sh -c "echo it broke >&2; exit 3"\\n\' >/run/systemd/system/brd-crash.service && systemctl daemon-reload',
  )
  const run = await host.converge([
    service({ name: 'brd-crash', state: 'running', timeoutSeconds: 5 }),
  ])
  assert.is(run.result, 'failed')
  assert.match(JSON.stringify(run.error), /brd-crash.*(not active|does not stay up)(.|\n)*it broke/)
  host.root(
    'rm /run/systemd/system/brd-crash.service; systemctl daemon-reload; systemctl reset-failed brd-crash || :',
  )
})

test('a unit that is missing is unknown, not stopped', async () => {
  const run = await host.converge([service({ name: 'brd-nothing', state: 'stopped' })])
  assert.match(run.error?.message ?? '', /no such unit: brd-nothing.service/)
})

settles(
  'a service stopped and not enabled',
  () => [service({ name: 'brd-test', state: 'stopped', enabled: false })],
  {
    kinds: ['changed'],
    after: host => void host.root(clean),
  },
)

settles(
  'a timer',
  () => {
    const work = systemd.unit({
      name: 'brd-tick.service',
      content: '[Service]\nType=oneshot\nExecStart=/bin/true\n',
    })
    const timer = systemd.unit({
      name: 'brd-tick.timer',
      content: '[Timer]\nOnCalendar=daily\n\n[Install]\nWantedBy=timers.target\n',
    })
    return [
      work,
      timer,
      service({ name: 'brd-tick.timer', state: 'running', enabled: true, restartOn: [timer] }),
    ]
  },
  {
    after: host => {
      assert.match(host.root('systemctl list-timers --no-legend brd-tick.timer'), /brd-tick.timer/)
      host.root(
        'systemctl disable --quiet --now brd-tick.timer; rm /etc/systemd/system/brd-tick.* /var/lib/brd/stamps/brd-tick.*; systemctl daemon-reload',
      )
    },
  },
)

settles(
  'kernel settings',
  () => [
    sysctl({
      name: 'test',
      values: { 'vm.overcommit_memory': 1, 'net.ipv4.tcp_keepalive_time': 600 },
    }),
  ],
  {
    before:
      'rm -f /etc/sysctl.d/60-brd-test.conf; echo 0 >/proc/sys/vm/overcommit_memory; echo 7200 >/proc/sys/net/ipv4/tcp_keepalive_time',
    kinds: ['changed'],
    after: host =>
      assert.is(
        host.root(
          'cat /proc/sys/vm/overcommit_memory /proc/sys/net/ipv4/tcp_keepalive_time; rm /etc/sysctl.d/60-brd-test.conf',
        ),
        '1\n600\n',
      ),
  },
)
test('a setting that the kernel refuses is a failure that names it', async () => {
  const run = await host.converge([
    sysctl({ name: 'refused', values: { 'net.ipv4.tcp_keepalive_time': 'soon' } }),
  ])
  assert.match(
    JSON.stringify(run.error),
    /net.ipv4.tcp_keepalive_time cannot be set to soon on this host/,
  )
})

const [anna, boris] = ['anna', 'boris'].map(
  name => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${name} ${name}@work`,
) as [string, string]
const people = [
  group({ name: 'brdteam', gid: 7001 }),
  user({ name: 'brdanna', uid: 7002, groups: ['brdteam'] }),
  authorizedKeys({ user: 'brdanna', keys: [anna] }),
  sudoers({ name: 'brdteam', rules: ['%brdteam ALL=(ALL) NOPASSWD: ALL'] }),
]
const noPeople =
  'userdel -r brdanna 2>/dev/null || :; groupdel brdteam 2>/dev/null || :; rm -f /etc/sudoers.d/brdteam'
settles('a user with a key and sudo', () => people, {
  before: noPeople,
  after: host => {
    assert.is(
      host.root('stat -c "%U:%G %a" /home/brdanna/.ssh /home/brdanna/.ssh/authorized_keys'),
      'brdanna:brdanna 700\nbrdanna:brdanna 600\n',
    )
    assert.is(host.root('runuser -u brdanna -- sudo -n id -un'), 'root\n')
  },
})
settles('a user who was changed by hand', () => people, {
  before: `usermod -s /bin/sh -p '$6$x$y' -G '' brdanna; echo '${boris}' >>/home/brdanna/.ssh/authorized_keys; chmod 644 /home/brdanna/.ssh/authorized_keys`,
  kinds: ['ok', 'changed', 'changed', 'ok'],
  after: host => assert.is(host.root('cat /home/brdanna/.ssh/authorized_keys'), `${anna}\n`),
})
settles('one key more', () => [authorizedKeys({ user: 'brdanna', keys: [boris], exact: false })], {
  after: host =>
    assert.is(host.root('cat /home/brdanna/.ssh/authorized_keys'), `${anna}\n${boris}\n`),
})
test('a user who makes .ssh a symlink gets nothing written through it', async () => {
  host.root('cd /home/brdanna && rm -rf .ssh && mkdir /root/trap && ln -s /root/trap .ssh')
  const run = await host.converge([authorizedKeys({ user: 'brdanna', keys: [anna] })])
  assert.match(run.error?.message ?? '', /nothing is written through it/)
  assert.is(host.root('ls -A /root/trap; rmdir /root/trap'), '')
})
test('a mistake in sudoers is not put in place', async () => {
  const run = await host.converge([
    sudoers({ name: 'brdteam', rules: ['brdanna ALL=(ALL) NOPASSWD'] }),
  ])
  assert.match(JSON.stringify(run.error), /referenced but not defined.*refused by its check/)
  host.root('grep -q %brdteam /etc/sudoers.d/brdteam')
})
settles(
  'a user, a group and a key less',
  () => [user({ name: 'brdanna', state: 'absent' }), group({ name: 'brdteam', state: 'absent' })],
  {
    kinds: ['changed', 'changed'],
    after: host => void host.root(`rm -rf /home/brdanna; ${noPeople}`),
  },
)

settles('a name', () => [hostname({ name: 'brd-renamed' })], {
  kinds: ['changed'],
  after: host => assert.is(host.root('cat /etc/hostname; uname -n'), 'brd-renamed\nbrd-renamed\n'),
})
settles('its old name', () => [hostname({ name: 'new-prod' })], { kinds: ['changed'] })
settles('a time zone', () => [timezone({ zone: 'Europe/Moscow' })], {
  kinds: ['changed'],
  after: host => assert.is(host.root('date +%Z; cat /etc/timezone'), 'MSK\nEurope/Moscow\n'),
})
settles('its old time zone', () => [timezone({ zone: 'Etc/UTC' })], { kinds: ['changed'] })
test('a misspelt time zone is named', async () =>
  assert.match(
    (await host.converge([timezone({ zone: 'Europe/Moskow' })])).error?.message ?? '',
    /does not know the time zone Europe\/Moskow/,
  ))

test.run()
