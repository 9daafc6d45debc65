import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { apt } from '../../lib/operations/apt.ts'
import { command } from '../../lib/operations/command.ts'
import { cron } from '../../lib/operations/cron.ts'
import { file } from '../../lib/operations/file.ts'
import { hostsEntry } from '../../lib/operations/hostsEntry.ts'
import { knownHosts } from '../../lib/operations/knownHosts.ts'
import { mount } from '../../lib/operations/mount.ts'
import { reboot } from '../../lib/operations/reboot.ts'
import { timer } from '../../lib/operations/timer.ts'
import { waitFor } from '../../lib/operations/waitFor.ts'
import { Secret } from '../../lib/secret.ts'
import { sh } from '../../lib/sh.ts'
import { skip } from '../../scripts/test/skip.ts'
import { type LabHost, openLabHost, settlesLive } from '../support/lab-host.ts'

/** Everything that these tests make on the host is gone, and apt has its own sources again. */
const clean = `
for m in /srv/brd-mount /srv/brd-bind; do while mountpoint -q $m; do umount $m; done; done
systemctl disable --quiet --now brd-tick.timer 2>/dev/null || :
rm -rf /etc/systemd/system/brd-tick.* /var/lib/brd/stamps/brd-tick.* /var/lib/brd/stamps/reboot.*
rm -rf /srv/brd-* /etc/cron.d/brd-test /etc/brd-reboot.conf /run/brd-ticked
systemctl daemon-reload
sed -i /brd-/d /etc/fstab /etc/hosts
apt-mark unhold brd-dummy brd-held >/dev/null 2>&1 || :
dpkg --purge --force-all brd-dummy brd-held brd-lib >/dev/null 2>&1 || :
echo PURGE | debconf-communicate brd-dummy >/dev/null 2>&1 || :
userdel -rf brdgit >/dev/null 2>&1 || :
rm -rf /etc/apt/preferences.d/brd-test /etc/apt/sources.list.d/brd-test.list
rm -rf /var/lib/apt/lists/*_srv_brd-apt_*
[ ! -d /root/brd-sources ] || {
  rm -rf /etc/apt/sources.list.d; mv /root/brd-sources/sources.list /etc/apt/ 2>/dev/null
  mv /root/brd-sources/sources.list.d /etc/apt/; rm -rf /root/brd-sources /var/lib/apt/lists
  mv /root/brd-lists /var/lib/apt/lists; rm -f /var/lib/brd/stamps/apt-lists
}
rm -f /var/cache/apt/*.bin`

/**
 * A repository of dummy packages on the host itself, in the place of all others: an upgrade finds
 * nothing but them.
 */
const repository = `
mkdir -p /root/brd-sources /srv/brd-apt
mv /etc/apt/sources.list.d /root/brd-sources/; mkdir /etc/apt/sources.list.d
[ ! -e /etc/apt/sources.list ] || mv /etc/apt/sources.list /root/brd-sources/
mv /var/lib/apt/lists /root/brd-lists
cd /srv/brd-apt; chmod 755 .
deb() {
  mkdir -p b/DEBIAN b/etc; echo "$1 $2" >b/etc/$1.conf
  printf '/etc/%s.conf\\n' $1 >b/DEBIAN/conffiles
  printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\n' $1 $2 >b/DEBIAN/control
  printf 'Maintainer: t <t@t>\\nDescription: t\\n%s' "\${3:+$3
}" >>b/DEBIAN/control
  chmod -R u=rwX,go=rX b; dpkg-deb --build b $1_$2_all.deb >/dev/null; rm -r b
}
deb brd-lib 1.0; deb brd-dummy 1.0 'Depends: brd-lib'; deb brd-dummy 2.0
deb brd-held 1.0; deb brd-held 2.0
for f in *.deb; do
  dpkg-deb -f $f; echo "Filename: ./$f"; echo "Size: $(stat -c %s $f)"
  echo "SHA256: $(sha256sum $f | cut -c 1-64)"; echo
done >Packages
chmod 644 *`

let host: LabHost
test.before(() => {
  host = openLabHost('infra-stage')
  host.root(clean)
  try {
    host.root(repository)
  } catch (error) {
    host.root(clean) // the host must not be left without its sources
    throw error
  }
})
test.after(async () => {
  host?.root(clean)
  await host?.end()
})
const settles = (
  title: string,
  make: Parameters<typeof settlesLive>[2],
  rest?: Parameters<typeof settlesLive>[3],
) => settlesLive(() => host, title, make, rest)
const said = (script: string) => host.root(script).trim()
const versions = () =>
  said("dpkg-query -W -f '${Package}=${Version} ' 'brd-*' 2>/dev/null || :")
    .split(' ')
    .filter(one => !one.endsWith('='))

const source = file({
  path: '/etc/apt/sources.list.d/brd-test.list',
  content: 'deb [trusted=yes] file:/srv/brd-apt ./\n',
})
settles(
  'a source and a package at a version, which the lists do not have before',
  () => [source, apt.packages({ names: ['brd-dummy=1.0', 'brd-held=1.0'] })],
  {
    kinds: ['changed', 'changed'],
    after: () => assert.equal(versions(), ['brd-dummy=1.0', 'brd-held=1.0', 'brd-lib=1.0']),
  },
)
settles(
  'a pin',
  () => [apt.pin({ name: 'brd-test', packages: ['brd-d*'], pin: 'version 1.*', priority: 1001 })],
  { kinds: ['changed'] },
)
settles(
  'the newest version, where that is the pinned one',
  () => [apt.packages({ names: ['brd-dummy'], state: 'latest' })],
  {
    after: () => assert.ok(versions().includes('brd-dummy=1.0')),
  },
)
settles('no pin', () => [apt.pin({ name: 'brd-test', state: 'absent' })], { kinds: ['changed'] })
settles('lists that are no older than the sources', () => [apt.update()], {
  before: 'touch /etc/apt/sources.list.d/brd-test.list',
  kinds: ['changed'],
})
settles('a package that is held', () => [apt.packages({ names: ['brd-held'], hold: true })], {
  kinds: ['changed'],
})
settles('an upgrade, which leaves what is held', () => [apt.upgrade()], {
  kinds: ['changed'],
  after: () => assert.equal(versions(), ['brd-dummy=2.0', 'brd-held=1.0', 'brd-lib=1.0']),
})
test('the newest version of what is held is refused', async () =>
  assert.match(
    (await host.converge([apt.packages({ names: ['brd-held'], state: 'latest' })])).error
      ?.message ?? '',
    /brd-held is held/,
  ))
settles(
  'the newest version of what stays held',
  () => [apt.packages({ names: ['brd-held'], state: 'latest', hold: true })],
  {
    kinds: ['changed'],
    after: () => assert.ok(versions().includes('brd-held=2.0')),
  },
)
test('what nothing needs any more goes', async () => {
  const foretold = await host.converge([apt.autoremove()], true)
  const diff = foretold.outcomes[0]?.is === 'would-change' ? foretold.outcomes[0].diff : []
  if (diff.length !== 1)
    skip(`the host has other packages that nothing needs: ${diff.map(({ key }) => key).join(' ')}`)
  const run = await host.converge([apt.autoremove({ purge: true })])
  assert.equal(
    [run.result, run.outcomes],
    [
      'ok',
      [{ is: 'changed', diff: [{ key: 'brd-lib', before: '1.0', after: null }], foreseen: true }],
    ],
  )
  assert.is((await host.converge([apt.autoremove()])).trips, 1)
})
settles(
  'a package less, and its configuration file stays',
  () => [apt.packages({ names: ['brd-dummy'], state: 'absent' })],
  {
    kinds: ['changed'],
    after: () => assert.is(said('cat /etc/brd-dummy.conf'), 'brd-dummy 2.0'),
  },
)
settles(
  'its configuration file too',
  () => [apt.packages({ names: ['brd-dummy', 'brd-held'], state: 'purged', hold: false })],
  {
    kinds: ['changed'],
    after: () => assert.is(said('ls /etc/brd-*.conf 2>/dev/null || echo none'), 'none'),
  },
)

/** Holds dpkg's lock on the host for so many seconds. */
const lock = (seconds: number) =>
  said(
    `rm -f /run/brd-lock; perl -MFcntl \\
       -e 'open F, ">>/var/lib/dpkg/lock-frontend";' \\
       -e 'fcntl(F, F_SETLK, pack("s s x4 q q i x4", F_WRLCK, SEEK_SET, 0, 0, 0)) or die;' \\
       -e 'open M, ">/run/brd-lock"; close M; sleep ${seconds}' >/dev/null 2>&1 </dev/null &
     i=0; until [ -e /run/brd-lock ]; do i=$((i + 1)); [ $i -lt 50 ]; sleep 0.1; done
     rm /run/brd-lock`,
  )
test('a lock that is held too long: who holds it is told', async () => {
  lock(8)
  const run = await host.converge([apt.packages({ names: ['brd-dummy'], lockSeconds: 2 })])
  assert.match(
    run.error?.stderr ?? '',
    /another package manager has held its lock for 2 s: process \d+ perl -MFcntl/,
  )
})
settles(
  'a lock that is let go is waited for',
  () => [apt.packages({ names: ['brd-dummy'], state: 'latest' })],
  { kinds: ['changed'] },
)

const answers = apt.debconf({
  name: 'brd-dummy',
  answers: [
    { question: 'brd-dummy/area', vtype: 'string', value: 'Europe & $HOME "x"' },
    {
      question: 'brd-dummy/password',
      vtype: 'password',
      value: new Secret('hunter2 and 3', 'test'),
    },
  ],
})
settles('answers to debconf', () => [answers], {
  kinds: ['changed'],
  after: () =>
    assert.is(
      said(
        'for q in area password; do echo GET brd-dummy/$q; done | debconf-communicate brd-dummy',
      ),
      '0 Europe & $HOME "x"\n0 hunter2 and 3',
    ),
})
settles('an answer that was changed by hand', () => [answers], {
  before: "echo 'SET brd-dummy/password x' | debconf-communicate brd-dummy >/dev/null",
  kinds: ['changed'],
})

const memory = (opts: string) =>
  mount({ path: '/srv/brd-mount', device: 'tmpfs', type: 'tmpfs', options: opts })
const mounted = (path: string, column: string) => said(`findmnt -n -o ${column} ${path}`)
settles('a mount', () => [memory('nosuid,size=4m')], {
  kinds: ['changed'],
  after: () => assert.match(mounted('/srv/brd-mount', 'OPTIONS'), /nosuid.*size=4096k/),
})
settles('the same with other options', () => [memory('nosuid,noexec,size=8m')], {
  before: 'echo kept >/srv/brd-mount/f',
  kinds: ['changed'],
  after: () => {
    assert.match(mounted('/srv/brd-mount', 'OPTIONS'), /nosuid.*noexec.*size=8192k/)
    assert.is(said('cat /srv/brd-mount/f; grep -c brd-mount /etc/fstab'), 'kept\n1')
  },
})
const bound = (device: string) =>
  mount({ path: '/srv/brd-bind', device, type: 'none', options: 'bind,ro' })
settles('a bind mount', () => [bound('/srv/brd-mount')], {
  kinds: ['changed'],
  after: () =>
    assert.is(
      said('cat /srv/brd-bind/f; touch /srv/brd-bind/x 2>/dev/null || echo read-only'),
      'kept\nread-only',
    ),
})
settles('another folder in its place', () => [bound('/etc')], {
  kinds: ['changed'],
  after: () => void host.root('test -e /srv/brd-bind/passwd'),
})
settles(
  'mounts less',
  () => [
    mount({ path: '/srv/brd-bind', state: 'absent' }),
    mount({ path: '/srv/brd-mount', state: 'unmounted' }),
  ],
  {
    kinds: ['changed', 'changed'],
    after: () =>
      assert.is(
        said('grep -c /srv/brd- /etc/fstab; findmnt -n /srv/brd-mount || echo none'),
        '1\nnone',
      ),
  },
)
test('a mount that fails is not in the table, where it would stop the next boot', async () => {
  const bind = (device: `/${string}`) =>
    host.converge([mount({ path: '/srv/brd-bind', device, type: 'none', options: 'bind' })])
  // A file cannot be mounted over a folder.
  const failed = await bind('/etc/hostname')
  assert.match(failed.error?.stderr ?? '', /mount: .*brd-bind/)
  const missing = await bind('/nowhere')
  assert.match(missing.error?.message ?? '', /\/nowhere/)
  assert.is(said('grep -c brd-bind /etc/fstab || :'), '0')
})

settles(
  'a name in the hosts file',
  () => [hostsEntry({ address: '192.0.2.7', names: ['brd-db.example', 'brd-db'] })],
  {
    kinds: ['changed'],
    after: () =>
      assert.match(said('getent hosts brd-db'), /^192\.0\.2\.7 +brd-db\.example brd-db$/),
  },
)
settles(
  'an entry of cron',
  () => [cron({ name: 'brd-test', schedule: '@yearly', command: 'true' })],
  { kinds: ['changed'] },
)
settles(
  'a timer',
  () =>
    timer({ name: 'brd-tick', onCalendar: 'yearly', command: 'echo "$0 100%" >/run/brd-ticked' }),
  {
    kinds: ['changed', 'changed', 'changed'],
    after: () =>
      assert.is(
        said(
          'systemctl start brd-tick.service; cat /run/brd-ticked; systemctl is-enabled brd-tick.timer',
        ),
        '/bin/sh 100%\nenabled',
      ),
  },
)
settles(
  'another time',
  () =>
    timer({ name: 'brd-tick', onCalendar: 'monthly', command: 'echo "$0 100%" >/run/brd-ticked' }),
  {
    kinds: ['ok', 'changed', 'changed'],
  },
)
test('a time that systemd cannot read is told', async () => {
  const run = await host.converge(
    timer({ name: 'brd-tick', onCalendar: 'whenever', command: 'true' }),
  )
  assert.match(run.error?.stderr ?? '', /whenever|bad-setting|lacks value/)
})

settles('no timer', () => timer({ name: 'brd-tick', state: 'absent' }), {
  kinds: ['changed', 'changed'],
  after: () =>
    assert.is(
      said(
        'ls -d /etc/systemd/system/*brd-tick* /etc/systemd/system/*/*brd-tick* 2>/dev/null || :; systemctl show --property=LoadState --value brd-tick.timer',
      ),
      'not-found',
    ),
})
settles('no timer where none is', () => timer({ name: 'brd-tick', state: 'absent' }), {
  kinds: ['ok', 'ok'],
})

settles(
  'a host key of a user, and a command as that user',
  () => [
    command({ run: sh`useradd --create-home brdgit`, creates: '/home/brdgit' }),
    knownHosts({
      host: 'git.example',
      port: 2222,
      keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICxV/6JZC/8T3JREihZ70/TEikgsDL6R3wTm6ijOQugG'],
      user: 'brdgit',
    }),
    command({
      run: sh`id -un >me && pwd >>me && echo "$HOME $A" >>me`,
      creates: '/home/brdgit/me',
      user: 'brdgit',
      chdir: '/home/brdgit',
      environment: { A: "it's" },
    }),
  ],
  {
    after: () =>
      assert.is(
        said(
          "cd /home/brdgit; cat me; stat -c '%U %a' .ssh .ssh/known_hosts; cut -d ' ' -f 1 .ssh/known_hosts",
        ),
        "brdgit\n/home/brdgit\n/home/brdgit it's\nbrdgit 700\nbrdgit 600\n[git.example]:2222",
      ),
  },
)

const rebooted = (request: string) => [
  file({ path: '/etc/brd-reboot.conf', content: `${request}\n` }),
  reboot({ request, timeoutSeconds: 120 }),
  waitFor({ port: 22 }),
  file({ path: '/srv/brd-after', content: request }),
]
const boot = () => said('cat /proc/sys/kernel/random/boot_id')
test('a reboot: foretold, made once, waited for, and the list goes on', async () => {
  const before = boot()
  const foretold = await host.converge(rebooted('the first'), true)
  assert.equal(
    foretold.outcomes.map(({ is }) => is),
    ['would-change', 'would-change', 'ok', 'would-change'],
  )
  const run = await host.converge(rebooted('the first'))
  assert.equal(
    [run.result, run.outcomes.map(({ is }) => is)],
    ['ok', ['changed', 'changed', 'ok', 'changed']],
    JSON.stringify(run.error),
  )
  const after = boot()
  assert.is.not(after, before)
  assert.match(said('systemctl is-system-running || :'), /^(running|degraded)$/)
  const second = await host.converge(rebooted('the first'))
  assert.equal([second.result, second.trips, boot()], ['ok', 1, after])
})
test('a reboot that the system asks for is foretold; without a request there is none', async () => {
  const required = (check: boolean) =>
    host.converge([reboot({ required: true })], check).then(({ outcomes }) => outcomes[0]?.is)
  assert.is(await required(false), 'ok')
  host.root('echo brd-kernel >/run/reboot-required.pkgs; : >/run/reboot-required')
  assert.is(await required(true), 'would-change')
  host.root('rm /run/reboot-required /run/reboot-required.pkgs')
})

test.run()
