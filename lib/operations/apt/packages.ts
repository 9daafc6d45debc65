import { change, type Diff, operation, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { install, remove } from './install.ts'

export type Packages = {
  /** Debian package names; `name=version` asks for that very version. */
  readonly names: readonly string[]
  /** Default present. `absent` keeps the configuration files, as `apt-get remove` does. */
  readonly state?: 'present' | 'absent'
  /** True: upgrades leave these packages alone (`apt-mark hold`). False: they do not. Default: as it is. */
  readonly hold?: boolean
  /** The package lists are brought up to date where they are older than this, in hours. Default 24. They also are where a name is not in them or the sources changed. */
  readonly cacheHours?: number
}

type Found = { readonly version: string; readonly hold: boolean }

const make = operation('packages', {
  name: ({ names, state }: Packages) => (state === 'absent' ? `without ${names.join(' ')}` : names.join(' ')),
  probe: want => sh`dpkg-query --show --showformat='\${Package}|\${db:Status-Abbrev}|\${Version}\n' ${want.names.map(bare)} 2>/dev/null
r=$?; [ $r -le 1 ] && command -v dpkg-query >/dev/null || { echo "dpkg-query: exit $r" >&2; exit 1; }
echo end`,
  read: out => {
    const lines = out.stdout.toString().trimEnd().split('\n')
    return out.rc === 0 && lines.pop() === 'end' ? new Map(lines.flatMap(installed)) : unreadable(out)
  },
  plan: (now, want) => {
    const diff = want.names.flatMap(name => packageDiff(name, now.get(bare(name)), want))
    const names = want.names.filter(name => diff.some(({ key }) => key === bare(name)))
    return change(diff, want.state === 'absent' ? remove(names) : present(names, want), { seconds: 900 })
  },
})

/** These packages are installed (or not). An interrupted dpkg is put right first; other packages are never removed for them. */
export const packages = (want: Packages, meta = {}) => {
  for (const name of want.names)
    if (!/^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[\w.+:~-]+)?$/.test(name))
      throw new Error(`apt.packages: ${JSON.stringify(name)} is not a package name`)
  if (want.names.length === 0) throw new Error('apt.packages: at least one name is expected')
  return make(want, meta)
}

/** The name as dpkg prints it, without the architecture and the version that may be asked for. */
const bare = (name: string): string => name.replace(/[:=].*$/, '')

/** Only what is whole counts: a package that is unpacked and not configured is not there. */
const installed = (line: string): [string, Found][] => {
  const [name = '', status = '', version = ''] = line.split('|')
  return status[1] === 'i' && status.trim().length === 2 ? [[name, { version, hold: status[0] === 'h' }]] : []
}

const packageDiff = (name: string, now: Found | undefined, { state, hold }: Packages): Diff => {
  const key = bare(name)
  const version = /=(.*)$/.exec(name)?.[1]
  if (state === 'absent') return now ? [{ key, before: now.version, after: null }] : []
  const after = version ?? 'installed'
  const install = !now || (version !== undefined && now.version !== version) ? [{ key, before: now?.version ?? null, after }] : []
  const held =
    hold !== undefined && (now?.hold ?? false) !== hold
      ? [{ key: `${key} hold`, before: now ? yes(now.hold) : null, after: yes(hold) }]
      : []
  return [...install, ...held]
}

const yes = (is: boolean) => (is ? 'yes' : 'no')

const present = (names: readonly string[], want: Packages): Sh => {
  const hold = want.hold === undefined ? sh`` : sh`apt-mark ${want.hold ? 'hold' : 'unhold'} ${want.names.map(bare)} >/dev/null || exit 1`
  return sh`${names.length === 0 ? sh`` : install(names, want.cacheHours ?? 24)}
${hold}`
}
