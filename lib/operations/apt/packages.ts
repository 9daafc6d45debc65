import { OptionError } from '../../errors/option-error.ts'
import { change, type Diff, operation, Unknown, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { installPackages, type Locked, removePackages } from './install.ts'
import { checkHours, defineFresh, LOOK } from './lists.ts'

export type Packages = Locked & {
  /** Debian package names; `name=version` selects that version. */
  readonly names: readonly string[]
  /**
   * `latest`: the newest version in the package lists, which are updated first if they are old.
   * `absent` keeps the configuration files, as `apt-get remove` does; `purged` removes them too.
   * Default present.
   */
  readonly state?: 'present' | 'latest' | 'absent' | 'purged'
  /**
   * True: upgrades leave these packages alone (`apt-mark hold`). False: upgrades include them.
   * Default: left as it is.
   */
  readonly hold?: boolean
  /**
   * Maximum age of the package lists, in hours. Older lists are updated first, and so are lists
   * that do not contain a name or are older than the sources. Default 24.
   */
  readonly cacheHours?: number
}

type Found = { readonly version: string; readonly hold: boolean; readonly whole: boolean }
type Now = {
  readonly found: ReadonlyMap<string, Found>
  readonly candidates: ReadonlyMap<string, string>
  readonly lists: 'fresh' | 'old' | 'not asked'
}

/**
 * These packages are installed, or removed. An interrupted dpkg is completed first. Other packages
 * are never removed for them.
 */
export const packages = operation('apt.packages', {
  check: (want: Packages) => {
    for (const name of want.names)
      if (!/^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[\w.+:~-]+)?$/.test(name))
        throw new OptionError({
          message: `${JSON.stringify(name)} is not a package name`,
          next: 'use a name such as nginx, or nginx=1.22.1-9',
        })
    if (want.names.length === 0)
      throw new OptionError({ message: 'names is empty', next: 'list at least one package' })
    if (
      want.state !== undefined &&
      want.state !== 'present' &&
      want.names.some(name => name.includes('='))
    )
      throw new OptionError({
        message: `a name with a version cannot have state ${want.state}`,
        next: 'remove the version, or use state present',
      })
    checkHours(want.cacheHours)
  },
  name: ({ names, state }: Packages) =>
    isAbsent(state) ? `without ${names.join(' ')}` : names.join(' '),
  probe:
    want => sh`dpkg-query --show --showformat='\${Package}|\${db:Status-Abbrev}|\${Version}\n' \
  ${want.names.map(stripVersion)} 2>/dev/null
r=$?
[ $r -le 1 ] && command -v dpkg-query >/dev/null || {
  echo "dpkg-query ends with exit $r: is this host Debian or Ubuntu?" >&2
  exit 1
}
${want.state === 'latest' ? printNewest(want) : sh``}
echo end`,
  read: (out, want): Now | Unknown => {
    const lines = out.stdout.toString().trimEnd().split('\n')
    if (out.exitCode !== 0 || lines.pop() !== 'end') return unreadable(out)
    const lists =
      want.state === 'latest'
        ? lines.find(line => line.startsWith('lists='))?.slice(6)
        : 'not asked'
    if (lists !== 'fresh' && lists !== 'old' && lists !== 'not asked') return unreadable(out)
    return {
      lists,
      found: new Map(lines.flatMap(readInstalled)),
      candidates: new Map(lines.flatMap(readCandidate)),
    }
  },
  plan: (now, want) => {
    const diff = want.names.flatMap(name => diffPackage(name, now, want))
    const names = want.names.filter(name => diff.some(({ key }) => key === stripVersion(name)))
    if (isAbsent(want.state))
      return change(diff, removePackages(names, want.state === 'purged', want), { seconds: 900 })
    const held =
      want.state === 'latest' && want.hold === undefined
        ? names.filter(name => now.found.get(stripVersion(name))?.hold)
        : []
    if (held.length > 0)
      return new Unknown(
        `${held.join(', ')} is held: set hold: true to upgrade it and keep the hold, ` +
          'or hold: false to release it',
      )
    const old: Diff =
      now.lists === 'old'
        ? [
            {
              key: 'lists',
              before: `older than ${want.cacheHours ?? 24} h, or than the sources`,
              after: 'up to date',
            },
          ]
        : []
    return change([...old, ...diff], applyPackages(old.length > 0 ? want.names : names, want), {
      seconds: 900,
    })
  },
  probeSeconds: 30,
})

const isAbsent = (state: Packages['state']): boolean => state === 'absent' || state === 'purged'

/** Strips the architecture and the version from a name: what dpkg prints. */
const stripVersion = (name: string): string => name.replace(/[:=].*$/, '')

/** Prints whether the lists are fresh, and the newest version of each package in them. */
const printNewest = ({ names, cacheHours = 24 }: Packages): Sh => sh`${defineFresh(cacheHours)}
fresh && echo lists=fresh || echo lists=old
apt-cache ${LOOK} policy ${names} | awk '
  /^[^ ]/ {sub(/:.*/, ""); name = $0}
  /^  Candidate: / {print "candidate|" name "|" $2}'`

/**
 * Reads a package's status. One that is unpacked but not configured does not count as installed;
 * one that is removed may have left its configuration files.
 */
const readInstalled = (line: string): [string, Found][] => {
  const [name = '', status = '', version = ''] = line.split('|')
  if (status[1] === undefined || name === 'candidate' || status[1] === 'n') return []
  return [
    [
      name,
      { version, hold: status[0] === 'h', whole: status[1] === 'i' && status.trim().length === 2 },
    ],
  ]
}

const readCandidate = (line: string): [string, string][] => {
  const [word, name = '', version = ''] = line.split('|')
  return word === 'candidate' && version !== '(none)' ? [[name, version]] : []
}

const diffPackage = (name: string, { found, candidates }: Now, { state, hold }: Packages): Diff => {
  const key = stripVersion(name)
  const there = found.get(key)
  const now = there?.whole ? there : undefined
  if (state === 'purged')
    return there
      ? [{ key, before: there.whole ? there.version : 'its configuration files', after: null }]
      : []
  if (state === 'absent') return now ? [{ key, before: now.version, after: null }] : []
  const version = state === 'latest' ? candidates.get(key) : /=(.*)$/.exec(name)?.[1]
  const install =
    !now || (version !== undefined && now.version !== version)
      ? [{ key, before: now?.version ?? null, after: version ?? 'installed' }]
      : []
  const held =
    hold !== undefined && (now?.hold ?? false) !== hold
      ? [{ key: `${key} hold`, before: now ? formatYes(now.hold) : null, after: formatYes(hold) }]
      : []
  return [...install, ...held]
}

const formatYes = (is: boolean) => (is ? 'yes' : 'no')

const applyPackages = (names: readonly string[], want: Packages): Sh => {
  const hold =
    want.hold === undefined
      ? sh``
      : sh`apt-mark ${want.hold ? 'hold' : 'unhold'} \
  ${want.names.map(stripVersion)} >/dev/null || exit 1`
  return sh`${names.length === 0 ? sh`` : installPackages(names, want.cacheHours ?? 24, want)}
${hold}`
}
