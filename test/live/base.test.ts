import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { base } from '../../roles/base.ts'
import { type LabHost, openLabHost, settlesLive } from '../support/lab-host.ts'
import { resetHosts } from '../support/reset-hosts.ts'

let host: LabHost
test.before(async () => {
  host = openLabHost('new-prod')
  await resetHosts('new-prod')
})
test.after(async () => {
  host?.root(clean)
  await host?.end()
})

/** Takes back what the role does to a fresh host. */
const clean = `apt-get -qq -y purge unattended-upgrades >/dev/null 2>&1 || :
[ ! -e /usr/local/sbin/brd-firewall ] || /usr/local/sbin/brd-firewall unload
systemctl disable --quiet brd-firewall brd-firewall-docker 2>/dev/null || :
userdel -r brdanna 2>/dev/null || :
rm -rf /usr/local/sbin/brd-firewall /etc/brd/firewall.rules /etc/systemd/system/brd-firewall*
rm -rf /var/lib/brd/stamps/apt-lists /var/lib/brd/stamps/firewall.*
rm -rf /var/lib/brd/stamps/ssh.service.* /var/lib/brd/stamps/systemd-journald.*
rm -rf /etc/systemd/journald.conf.d/50-brd.conf /etc/sysctl.d/60-brd-base.conf
rm -rf /etc/sudoers.d/brd-operators /etc/ssh/sshd_config.d/00-hardening.conf
rm -rf /etc/apt/apt.conf.d/*auto-upgrades* /etc/apt/apt.conf.d/*unattended-upgrades*
ln -sfn /usr/share/zoneinfo/Etc/UTC /etc/localtime; echo Etc/UTC >/etc/timezone
sed -i '/^127.0.1.1/d' /etc/hosts; echo 0 >/proc/sys/vm/overcommit_memory
systemctl daemon-reload; systemctl restart ssh systemd-journald`

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIanna anna@work'
settlesLive(
  () => host,
  'a base server',
  () =>
    base({
      name: 'new-prod',
      timezone: 'Europe/Moscow',
      operators: { brdanna: { keys: [key] } },
      firewall: { admin: ['10.0.0.0/8'], allow: [{ port: 80 }, { port: 443 }] },
      sysctl: { 'vm.overcommit_memory': 1 },
    }),
  {
    before: clean,
    after: host => {
      assert.match(host.root('sshd -T'), /passwordauthentication no/)
      assert.match(
        host.root('apt-config dump'),
        /Unattended-Upgrade::Package-Blacklist:: "\^containerd"/,
      )
      assert.is(host.root('runuser -u brdanna -- sudo -n id -un'), 'root\n')
    },
  },
)

test('stopped after any of its operations, ssh, sudo and the services work', async () => {
  host.root(clean)
  const ops = base({
    name: 'new-prod',
    timezone: 'Europe/Moscow',
    operators: { brdanna: { keys: [key] } },
    firewall: { admin: ['10.0.0.0/8'], allow: [{ port: 80 }, { port: 443 }] },
    sysctl: { 'vm.overcommit_memory': 1 },
  })
  const services = () => host.root('systemctl is-active ssh cron; systemctl --failed --no-legend')
  const before = services()
  for (const [i, { id }] of ops.entries()) {
    const run = await host.converge(ops.slice(0, i + 1))
    assert.is(run.result, 'ok', `${id}: ${JSON.stringify(run.error)}`)
    assert.is(services(), before, `after ${id}`) // by a login and a sudo of its own
  }
})

test.run()
