import { OptionError } from '../../errors/option-error.ts'
import { change, type Diff, operation, Unknown } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { installPackages, type Locked, removePackages } from './install.ts'
import { checkHours } from './lists.ts'
import { keyOf, type PackagesNow, printPackages, readName, readPackages } from './look.ts'

export type Packages = Locked & {
  /**
   * Debian package names. `name=version` selects that version, `name/suite` that of a suite,
   * `name:architecture` another architecture than the host's. An installed package that provides a
   * virtual name is enough for it.
   */
  readonly names: readonly string[]
  /**
   * `latest`: the newest version in the package lists, which are updated first if they are old.
   * `absent` keeps the configuration files, as `apt-get remove` does; `purged` removes them too.
   * Default present.
   */
  readonly state?: 'present' | 'latest' | 'absent' | 'purged'
  /**
   * True: other packages are removed too if it cannot be done without: those that depend on what is
   * removed, or conflict with what is installed. The plan shows them. False: this is refused, and
   * the error names them. Default false.
   */
  readonly removals?: boolean
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

/**
 * These packages are installed, or removed. An interrupted dpkg is completed first. Other packages
 * are removed for them only with `removals`, and then the plan shows them. A name that the lists do
 * not have is an error, also in check mode, unless the lists are old.
 */
export const packages = operation('apt.packages', {
  check: (want: Packages) => {
    for (const name of want.names)
      if (!/^[a-z0-9][a-z0-9+.-]*[a-z0-9+.](:[a-z0-9-]+)?(=[\w.+:~-]+|\/[\w.-]+)?$/.test(name))
        throw new OptionError({
          message: `${JSON.stringify(name)} is not a package name`,
          next: 'use a name such as nginx, nginx=1.22.1-9, nginx/bookworm-backports or libc6:i386',
        })
    if (want.names.length === 0)
      throw new OptionError({ message: 'names is empty', next: 'list at least one package' })
    if (
      want.state !== undefined &&
      want.state !== 'present' &&
      want.names.some(name => /[=/]/.test(name))
    )
      throw new OptionError({
        message: `a name with a version cannot have state ${want.state}`,
        next: 'remove the version, or use state present',
      })
    checkHours(want.cacheHours)
  },
  name: ({ names, state }: Packages) =>
    isAbsent(state) ? `without ${names.join(' ')}` : names.join(' '),
  probe: ({ names, state = 'present', cacheHours = 24, hold }) =>
    printPackages({ names, state, cacheHours, hold }),
  read: (out, want): PackagesNow | Unknown => {
    const now = readPackages(out)
    return now instanceof Unknown || want.state !== 'latest' || now.lists !== 'not asked'
      ? now
      : new Unknown('the probe failed: it does not say how old the lists are')
  },
  plan: (now, want) => {
    const diff = want.names.flatMap(name => diffPackage(name, now, want))
    const names = want.names.filter(name => diff.some(({ key }) => key === getKey(name, now)))
    const obstacle = findObstacle(names, now, want)
    if (obstacle !== null) return new Unknown(obstacle)
    const others = listRemoved(now, want)
    const all = [...diff, ...others.map(([key, before]) => ({ key, before, after: null }))]
    const planned = others.map(([key]) => key)
    if (isAbsent(want.state))
      return change(
        diff.length === 0 ? [] : all,
        removePackages(names, [...names.map(name => getKey(name, now)), ...planned], want),
        { seconds: 900 },
      )
    const old: Diff =
      want.state === 'latest' && now.lists === 'old'
        ? [
            {
              key: 'lists',
              before: `older than ${want.cacheHours ?? 24} h, or than the sources`,
              after: 'up to date',
            },
          ]
        : []
    return change(
      diff.length + old.length === 0 ? [] : [...old, ...all],
      applyPackages(old.length > 0 ? want.names : names, planned, want),
      { seconds: 900 },
    )
  },
  probeSeconds: 30,
})

const isAbsent = (state: Packages['state']): boolean => state === 'absent' || state === 'purged'

const getKey = (text: string, { native }: PackagesNow): string => {
  const { name, architecture } = readName(text)
  return keyOf(name, architecture, native)
}

const diffPackage = (text: string, now: PackagesNow, { state, hold }: Packages): Diff => {
  const key = getKey(text, now)
  const there = now.found.get(key)
  const whole = there?.whole ? there : undefined
  if (state === 'purged')
    return there
      ? [{ key, before: there.whole ? there.version : 'its configuration files', after: null }]
      : []
  if (state === 'absent') return whole ? [{ key, before: whole.version, after: null }] : []
  const version = findVersion(text, now, state)
  const virtual = !there && now.provided.has(key)
  const install =
    !virtual && (!whole || (version !== undefined && whole.version !== version))
      ? [{ key, before: whole?.version ?? null, after: version ?? 'installed' }]
      : []
  const held =
    hold !== undefined && (whole?.hold ?? false) !== hold
      ? [
          {
            key: `${key} hold`,
            before: whole ? formatYes(whole.hold) : null,
            after: formatYes(hold),
          },
        ]
      : []
  return [...install, ...held]
}

/** The version that it should have; undefined if any will do. */
const findVersion = (
  text: string,
  now: PackagesNow,
  state: Packages['state'],
): string | undefined => {
  const { version, suite } = readName(text)
  const key = getKey(text, now)
  if (state === 'latest') return now.candidates.get(key)
  if (suite === '') return version || undefined
  return now.simulated?.exitCode === 0 ? now.simulated.installed.get(key) : `that of ${suite}`
}

const formatYes = (is: boolean) => (is ? 'yes' : 'no')

/** Why it cannot be done, or must not be; null if nothing is against it. */
const findObstacle = (
  names: readonly string[],
  now: PackagesNow,
  want: Packages,
): string | null => {
  const { found, provided, simulated, lists } = now
  const virtual = want.names.find(name => provided.has(name) && !found.has(name))
  if (isAbsent(want.state) && virtual !== undefined)
    return `${virtual} is provided by ${provided.get(virtual)}: name that package`
  const held = names.filter(name => found.get(getKey(name, now))?.hold)
  if (held.length > 0 && (want.hold === undefined || (isAbsent(want.state) && want.hold)))
    return isAbsent(want.state)
      ? `${held.join(', ')} is held: set hold: false to remove it`
      : `${held.join(', ')} is held: set hold: true to ` +
          `${want.state === 'latest' ? 'upgrade' : 'change'} it and keep the hold, ` +
          'or hold: false to release it'
  if (!simulated || names.length === 0) return null
  if (simulated.exitCode !== 0)
    return lists === 'old' || /dpkg was interrupted/.test(simulated.error)
      ? null
      : `apt cannot do it: ${simulated.error}`
  const needed = now.needs.filter(name => simulated.removed.has(name))
  if (needed.length > 0)
    return `refused: this removes ${needed.join(', ')}, and this run could not log in again`
  const strange = isAbsent(want.state) ? undefined : findStrange(names, now)
  if (strange !== undefined) return `no package is called ${strange}`
  const others = listRemoved(now, want).map(([name]) => name)
  if (others.length > 0 && !want.removals)
    return `this also removes ${others.join(', ')}: name them too, or set removals: true`
  const touched = now.held.filter(
    name =>
      !want.names.some(one => getKey(one, now) === name) &&
      (simulated.installed.has(name) || simulated.removed.has(name)),
  )
  return touched.length > 0 ? `this also changes ${touched.join(', ')}, which is held` : null
}

/** apt takes a name that it does not know for a pattern. */
const findStrange = (names: readonly string[], now: PackagesNow): string | undefined =>
  names.find(name => {
    const key = getKey(name, now)
    const { instead, installed } = now.simulated ?? { instead: new Map(), installed: new Map() }
    return !installed.has(key) && !instead.has(key) && !now.found.get(key)?.whole
  })

/** Packages that apt would remove besides those that are named. */
const listRemoved = (now: PackagesNow, want: Packages): readonly (readonly [string, string])[] =>
  [...(now.simulated?.removed ?? [])].filter(
    ([name]) => !isAbsent(want.state) || !want.names.some(one => getKey(one, now) === name),
  )

const applyPackages = (
  names: readonly string[],
  planned: readonly string[],
  want: Packages,
): Sh => {
  const hold =
    want.hold === undefined
      ? sh``
      : sh`apt-mark ${want.hold ? 'hold' : 'unhold'} \
  ${want.names.map(name => name.replace(/[=/].*$/, ''))} >/dev/null || exit 1`
  return sh`${names.length === 0 ? sh`` : installPackages(names, { ...want, planned })}
${hold}`
}
