/**
 * Facts that a playbook can read from a host before it builds the host's list:
 * `run.play(hosts, { facts: { os, memory } }, ({ facts }) => …)`.
 */
export { arch, boot, cpus, hostname, kernel } from './run/facts/machine.ts'
export { memory } from './run/facts/memory.ts'
export { addresses } from './run/facts/network.ts'
export { os } from './run/facts/os.ts'
export { rebootRequired } from './run/facts/reboot.ts'
export { docker, packageManager } from './run/facts/software.ts'
export { disks, mounts } from './run/facts/storage.ts'
export { virtualization } from './run/facts/virtualization.ts'
