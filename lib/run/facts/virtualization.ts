import { Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import type { Fact } from './fact.ts'

/**
 * What the host runs in: `none` (on the metal, or not to be told), a container (`docker`, `lxc`,
 * `podman`, …) or a machine (`kvm`, `vmware`, `xen`, `microsoft`, …). As
 * systemd-detect-virt says; without it by the traces that they leave.
 */
export const virtualization: Fact<string> = {
  name: 'virtualization',
  probe: sh`if command -v systemd-detect-virt >/dev/null; then systemd-detect-virt || :; exit 0; fi
c=$(tr '\0' '\n' </proc/1/environ 2>/dev/null | sed -n 's/^container=//p')
if [ -n "$c" ]; then echo "$c"
elif [ -e /.dockerenv ]; then echo docker
elif [ -e /run/.containerenv ]; then echo podman
else
  set -- /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name /sys/hypervisor/type
  echo "dmi $(cat "$@" 2>/dev/null | tr '\n' ' ')"
fi`,
  read: printed => {
    const said = printed.trim()
    if (said.startsWith('dmi')) return machines.find(([, by]) => by.test(said))?.[0] ?? 'none'
    return /^[\w-]+$/.test(said)
      ? said
      : new Unknown(`systemd-detect-virt said ${JSON.stringify(printed.slice(0, 80))}`)
  },
}

/** Machines by what their firmware calls itself. */
const machines: readonly (readonly [string, RegExp])[] = [
  ['kvm', /QEMU|KVM|Google|DigitalOcean|Hetzner|OpenStack/],
  ['amazon', /Amazon EC2/],
  ['vmware', /VMware/],
  ['oracle', /VirtualBox|innotek/],
  ['microsoft', /Microsoft Corporation Virtual/],
  ['xen', /\bxen\b/i],
]
