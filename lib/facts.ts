/** What can be known of a host before a list is made for it: `run.play(hosts, { facts: { os, memory } }, ({ facts }) => …)`. */
export { arch, boot, cpus, hostname, kernel } from './facts/machine.ts'
export { memory } from './facts/memory.ts'
export { addresses } from './facts/network.ts'
export { os } from './facts/os.ts'
export { rebootRequired } from './facts/reboot.ts'
export { docker, packageManager } from './facts/software.ts'
export { disks, mounts } from './facts/storage.ts'
export { virtualization } from './facts/virtualization.ts'
