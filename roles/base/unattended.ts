import type { Operation } from '../../lib/operation.ts'
import { file } from '../../lib/operations/file.ts'

export type Unattended = {
  /**
   * Time of day for a reboot that an upgrade asks for, `04:00`. Default: never, that is for a
   * person.
   */
  readonly reboot?: `${number}:${number}`
  /**
   * Regular expressions for the beginnings of packages that are left alone, besides Docker's.
   * Default none.
   */
  readonly except?: readonly string[]
}

/** An upgrade of these restarts every container: that is done by a playbook, one node at a time. */
const DOCKER = ['docker', 'containerd', 'runc']

/**
 * Security upgrades are installed by themselves every day, except those that would restart
 * containers. Needs the package unattended-upgrades.
 */
export const listUpgrades = ({ reboot, except = [] }: Unattended): readonly Operation[] => {
  const blacklist = [...DOCKER, ...except].map(start => `  "^${start}";`).join('\n')
  const time = reboot ? `Unattended-Upgrade::Automatic-Reboot-Time "${reboot}";\n` : ''
  return [
    // one file of our own: the package's own two are written by its installation
    file({
      path: '/etc/apt/apt.conf.d/52unattended-upgrades-brd',
      content: `APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Package-Blacklist {
${blacklist}
};
Unattended-Upgrade::Automatic-Reboot "${reboot ? 'true' : 'false'}";
${time}Unattended-Upgrade::Remove-Unused-Kernel-Packages "true";
`,
    }),
  ]
}
