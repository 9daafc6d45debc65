import { Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import type { Fact } from './fact.ts'

/** The kernel's release: `6.1.0-18-amd64`. */
export const kernel: Fact<string> = {
  name: 'kernel',
  probe: sh`uname -r`,
  read: printed => readWord(printed, 'uname'),
}

/** Names of architectures as Debian and Docker have them, by those of the kernel. */
const names: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  i386: '386',
  i686: '386',
  armv7l: 'arm',
  armv6l: 'arm',
}

/**
 * The architecture as Debian and Docker name it: `amd64`, `arm64`, `riscv64`; the kernel's name of
 * it where they have no other.
 */
export const arch: Fact<string> = {
  name: 'arch',
  probe: sh`uname -m`,
  read: printed => {
    const found = readWord(printed, 'uname')
    return found instanceof Unknown ? found : (names[found] ?? found)
  },
}

/** How many processors it has for itself: in a container those that it may use. */
export const cpus: Fact<number> = {
  name: 'cpus',
  probe: sh`nproc`,
  read: printed =>
    /^[1-9]\d*\s*$/.test(printed)
      ? Number(printed)
      : new Unknown(`nproc said ${JSON.stringify(printed)}`),
}

/** The name that the host has for itself. */
export const hostname: Fact<string> = {
  name: 'hostname',
  probe: sh`cat /proc/sys/kernel/hostname`,
  read: printed => readWord(printed, 'the kernel'),
}

export type Boot = {
  /** Another one after each boot. */
  readonly id: string
  /** Seconds since it was booted. */
  readonly uptime: number
}

/** Which boot it is, and for how long. */
export const boot: Fact<Boot> = {
  name: 'boot',
  probe: sh`cat /proc/sys/kernel/random/boot_id /proc/uptime`,
  read: printed => {
    const [, id, uptime] = /^([0-9a-f-]{36})\n([\d.]+) /.exec(printed) ?? []
    return id && uptime
      ? { id, uptime: Number(uptime) }
      : new Unknown(`no boot id and uptime: ${JSON.stringify(printed.slice(0, 80))}`)
  },
}

const readWord = (printed: string, who: string): string | Unknown => {
  const found = printed.trim()
  return /^\S+$/.test(found)
    ? found
    : new Unknown(`${who} said ${JSON.stringify(printed.slice(0, 80))}`)
}
