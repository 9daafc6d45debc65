import { OptionError } from '../../errors/option-error.ts'
import { operation } from '../../operation.ts'
import { file } from '../file.ts'

export type Pin = {
  /** Names its file below /etc/apt/preferences.d. */
  readonly name: string
} & (
  | {
      /** Package names or globs: `docker-*`; `*` for all. */
      readonly packages: readonly string[]
      /**
       * `version 5:29.*`, `release n=bookworm-backports`, `origin download.docker.com`, as
       * apt_preferences(5) has them.
       */
      readonly pin: `version ${string}` | `release ${string}` | `origin ${string}`
      /**
       * 1000 or more: even as a downgrade. 990: preferred to what is not pinned. Below 0: never.
       * @range -32768 to 32767
       */
      readonly priority: number
      /** `absent`: the file is gone. Default present. */
      readonly state?: 'present'
    }
  | {
      readonly state: 'absent'
      readonly packages?: never
      readonly pin?: never
      readonly priority?: never
    }
)

/**
 * apt takes these packages from this source or in this version. The next `apt.packages` or
 * `apt.upgrade` updates the package lists.
 */
export const pin = operation('apt.pin', {
  from: (want: Pin, meta) => {
    if (!/^[\w-]+$/.test(want.name))
      throw new OptionError({
        message: `apt would ignore a file named ${JSON.stringify(want.name)}`,
        next: 'use letters, digits, _ and -',
      })
    const path = `/etc/apt/preferences.d/${want.name}` as const
    if (want.state === 'absent') return file({ path, state: 'absent' }, meta)
    const { packages, pin, priority } = want
    const bad = packages.find(name => !/^[a-z0-9*?][a-z0-9+.*?-]*$/.test(name))
    if (packages.length === 0 || bad !== undefined)
      throw new OptionError({
        message: `${JSON.stringify(bad ?? '')} is not a package name`,
        next: 'use names or globs, such as docker-*',
      })
    if (!Number.isInteger(priority) || priority === 0)
      throw new OptionError({
        message: `priority must be a whole number other than 0, not ${priority}`,
        next: 'use 990 to prefer a source, 1000 for downgrades too, -1 for never',
      })
    if (!/^(version|release|origin) +\S[^\0\n]*$/.test(pin))
      throw new OptionError({
        message: `${JSON.stringify(pin)} is not a pin: apt would ignore it`,
        next: 'such as release n=bookworm-backports',
      })
    return file(
      { path, content: `Package: ${packages.join(' ')}\nPin: ${pin}\nPin-Priority: ${priority}\n` },
      meta,
    )
  },
})
