import { OptionError } from '../errors/option-error.ts'
import { change, differences, operation, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'

export type Hostname = {
  /** Letters, digits and hyphens; with dots for a full name. */
  readonly name: string
}

/** The host has this name, now and after a boot. */
export const hostname = operation('hostname', {
  check: (want: Hostname) => {
    if (
      !/^(?=.{1,64}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(
        want.name,
      )
    )
      throw new OptionError({
        message: `${JSON.stringify(want.name)} is not a host's name`,
        next: 'use a-z, 0-9, hyphens and dots, 64 characters at most',
      })
  },
  name: (_: Hostname) => '/etc/hostname',
  probe: () =>
    sh`if [ -e /etc/hostname ]; then cat /etc/hostname || exit 1; else echo absent; fi; uname -n`,
  read: out => {
    const lines = out.stdout.toString().trim().split('\n')
    return out.exitCode === 0 && lines.length === 2
      ? { kept: lines[0] ?? '', now: lines[1] ?? '' }
      : unreadable(out)
  },
  plan: (now, { name }) =>
    change(differences(now, { kept: name, now: name }), sh`hostnamectl set-hostname ${name}`),
})
