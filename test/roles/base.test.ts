import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { base } from '../../roles/base.ts'

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIanna anna@work'
const ids = (want: Parameters<typeof base>[0]) => base(want).map(({ id }) => id)
const full = {
  name: 'web-1.brd.example',
  timezone: 'Europe/Moscow',
  operators: { anna: { keys: [key] }, boris: { keys: [key], sudo: false } },
  formerOperators: ['carl'],
  ssh: { rootLogin: false },
  firewall: { admin: ['203.0.113.0/24'], allow: [{ port: 80 }] },
  sysctl: { 'vm.overcommit_memory': 1 },
  packages: ['curl', 'rsync'],
}

test('by default: packages, the journal, keys-only ssh, upgrades', () => {
  assert.equal(ids({}), [
    'apt.packages ca-certificates curl iptables openssh-server sudo tzdata unattended-upgrades',
    'directory /etc/systemd/journald.conf.d',
    'file /etc/systemd/journald.conf.d/50-brd.conf',
    'service systemd-journald',
    'sudoers /etc/sudoers.d/brd-operators',
    'sshd /etc/ssh/sshd_config.d/00-hardening.conf',
    'service ssh',
    'file /etc/apt/apt.conf.d/52unattended-upgrades-brd',
  ])
})
test('no two operations have one name', () => assert.is(new Set(ids(full)).size, ids(full).length))
test('sudo comes first, keys before the end of passwords, and locks last', () => {
  const order = ids(full)
  const places = [
    'sudoers /etc/sudoers.d/brd-operators',
    'user anna',
    'user boris',
    'authorizedKeys anna',
    'authorizedKeys boris',
    'sshd /etc/ssh/sshd_config.d/00-hardening.conf',
    'passwordLock anna',
    'passwordLock boris',
    'user carl',
    'firewall /etc/brd/firewall.rules',
  ].map(id => order.indexOf(id))
  assert.equal(
    places,
    [...places].sort((a, b) => a - b),
  )
  assert.not(places.includes(-1))
})
test('a package is asked for once', () =>
  assert.is(
    ids(full)[0],
    'apt.packages ca-certificates curl iptables openssh-server sudo tzdata unattended-upgrades rsync',
  ))
test('nobody is an operator and a former one', () =>
  assert.throws(
    () => base({ operators: { anna: { keys: [key] } }, formerOperators: ['anna'] }),
    /anna cannot be/,
  ))
test('upgrades can be left to others', () =>
  assert.not(
    ids({ unattended: false }).some(id => id.includes('apt.conf.d') || id.includes('unattended')),
  ))

test.run()
