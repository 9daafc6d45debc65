import { Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import type { Fact } from './fact.ts'

export type Address = {
  /** `eth0`. */
  readonly interface: string
  readonly address: string
  /** Bits of its network. */
  readonly prefix: number
  readonly family: 4 | 6
  /** `global`, `link`, `host`. */
  readonly scope: string
}

/** The addresses of its interfaces, those of containers too. Wants `ip` (iproute2 or busybox). */
export const addresses: Fact<readonly Address[]> = {
  name: 'addresses',
  probe: sh`command -v ip >/dev/null || { echo "ip is missing: install iproute2" >&2; exit 1; }
ip -o addr`,
  read: printed => {
    const found = printed.split('\n').flatMap(line => {
      const [, name, family, address, prefix, scope] =
        /^\d+: (\S+)\s+(inet6?) ([\da-f.:]+)(?: peer [\da-f.:]+)?\/(\d+) (?:.*? )?scope (\S+)/.exec(
          line,
        ) ?? []
      if (!name || !address || !scope) return []
      return [
        {
          interface: name.replace(/@.*/, ''),
          address,
          prefix: Number(prefix),
          family: family === 'inet' ? (4 as const) : (6 as const),
          scope,
        },
      ]
    })
    return found.length > 0 ? found : new Unknown('ip told of no address')
  },
}
