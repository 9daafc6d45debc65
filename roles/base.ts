import type { Operation } from '../lib/operation.ts'
import { apt } from '../lib/operations/apt.ts'
import { type Firewall, firewall } from '../lib/operations/firewall.ts'
import { hostname } from '../lib/operations/hostname.ts'
import { hostsEntry } from '../lib/operations/hostsEntry.ts'
import { type Journal, journal } from '../lib/operations/journal.ts'
import { sshd } from '../lib/operations/sshd.ts'
import { sysctl } from '../lib/operations/sysctl.ts'
import { timezone } from '../lib/operations/timezone.ts'
import { role } from '../lib/role.ts'
import { listAccounts, lockAccounts } from './base/accounts.ts'
import type { Operators } from './base/settings.ts'
import { makeSshdSettings, type Ssh } from './base/ssh.ts'
import { listUpgrades, type Unattended } from './base/unattended.ts'

export type Base = {
  /** The host's name; /etc/hosts knows it too. Default: as it is. */
  readonly name?: string
  /** A name of the tz database. Default: as it is. */
  readonly timezone?: string
  /** People who may log in, by their Linux user. Default none. */
  readonly operators?: Operators
  /** Linux users who may no longer. Their files stay. Default none. */
  readonly formerOperators?: readonly string[]
  /** sshd: keys only. Who runs this must be able to log in again, or nothing is changed. */
  readonly ssh?: Ssh
  /** What may come in besides ssh. Default: no firewall of ours. */
  readonly firewall?: {
    /** Networks that sshd answers. Default: anywhere. */
    readonly admin?: readonly string[]
    /** Ports of the host and of what runs on it. */
    readonly allow: Firewall['allow']
  }
  /**
   * Kernel settings that what runs here needs: `{ 'vm.overcommit_memory': 1 }` for Redis. Default
   * none.
   */
  readonly sysctl?: Readonly<Record<string, string | number>>
  /** Security upgrades by themselves, never of Docker. Default: on, no reboot. */
  readonly unattended?: Unattended | false
  /** How much the system's journal may keep. Default: a gigabyte, a month. */
  readonly journal?: Journal
  /** Packages besides those that the role itself needs. Default none. */
  readonly packages?: readonly string[]
}

/** What the operations of this role run. */
const NEEDED = ['ca-certificates', 'curl', 'iptables', 'openssh-server', 'sudo', 'tzdata']

/**
 * A hardened Debian 12, 13 or Ubuntu server: its people, keys-only ssh, a firewall, upgrades. The
 * clock is kept by the distribution's own means.
 */
export const base = role(import.meta, 'base', (want: Base): readonly Operation[] => {
  const { ssh = {}, firewall: wall, sysctl: kernel = {}, unattended: upgrades = {} } = want
  const names = [...NEEDED, ...(upgrades ? ['unattended-upgrades'] : []), ...(want.packages ?? [])]
  return [
    apt.packages({ names: [...new Set(names)] }),
    ...nameHost(want.name),
    ...(want.timezone ? [timezone({ zone: want.timezone })] : []),
    ...journal(want.journal ?? {}),
    ...(Object.keys(kernel).length > 0 ? [sysctl({ name: 'base', values: kernel })] : []),
    ...listAccounts(want.operators ?? {}),
    ...sshd({ settings: makeSshdSettings(ssh), ...(ssh.login ? { login: ssh.login } : {}) }),
    ...lockAccounts(want.operators ?? {}, want.formerOperators ?? []),
    ...(wall
      ? firewall({
          allow: wall.allow,
          ssh: { ports: [ssh.port ?? 22], ...(wall.admin ? { from: wall.admin } : {}) },
        })
      : []),
    ...(upgrades ? listUpgrades(upgrades) : []),
  ]
})

/**
 * sudo and others look the host's own name up: it must not depend on a name server, and is known
 * before the host has it.
 */
const nameHost = (name: string | undefined): readonly Operation[] =>
  name
    ? [
        hostsEntry({ address: '127.0.1.1', names: [name, ...listShortName(name)] }),
        hostname({ name }),
      ]
    : []

const listShortName = (name: string): string[] =>
  name.includes('.') ? [name.replace(/\..*$/, '')] : []
