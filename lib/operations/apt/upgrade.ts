import { change, type Diff, operation, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { defineAgain, defineOnlyPlanned, type Locked, QUIET } from './install.ts'
import { checkHours, defineFresh, LOOK, updateLists } from './lists.ts'

export type Upgrade = Locked & {
  /**
   * True: also upgrade packages that need others removed, as `apt-get dist-upgrade` does. Only what
   * the plan shows is removed: if updated lists would remove more, that is an error, and the next
   * run shows it. False: leave those as they are. Default false.
   */
  readonly removals?: boolean
  /**
   * Maximum age of the package lists, in hours. Older lists, and lists older than the sources, are
   * updated first. Default 24.
   */
  readonly cacheHours?: number
  /** How long it may take, in seconds. Default 3600. */
  readonly timeoutSeconds?: number
}

/**
 * Every package is of the newest version that the lists have, but for those that are held. Whether
 * a reboot is due then is for `reboot({ required: true })`.
 */
export const upgrade = operation('apt.upgrade', {
  check: (want: Upgrade) => {
    checkHours(want.cacheHours)
  },
  name: (_: Upgrade) => 'all packages',
  probe: ({ cacheHours = 24, ...want }) => sh`${defineFresh(cacheHours)}
fresh && echo fresh || echo old
said=$(apt-get ${LOOK} --simulate ${chooseCommand(want)} 2>&1) || case $said in
*'dpkg was interrupted'*) echo interrupted; exit 0;;
*) printf '%s\n' "$said" >&2; exit 1;; esac
printf '%s\n' "$said" | grep -E '^(Inst|Remv) ' | sort
echo end`,
  read: out => {
    const [lists, ...lines] = out.stdout.toString().trimEnd().split('\n')
    const last = lines.pop()
    if (
      out.exitCode !== 0 ||
      !['fresh', 'old'].includes(lists ?? '') ||
      !['end', 'interrupted'].includes(last ?? '')
    )
      return unreadable(out)
    return {
      old: lists === 'old',
      interrupted: last === 'interrupted',
      packages: lines.flatMap(readSimulated),
    }
  },
  plan: (now, want) => {
    const { cacheHours = 24, timeoutSeconds: seconds = 3600 } = want
    const diff: Diff = [
      ...(now.interrupted ? [{ key: 'dpkg', before: 'interrupted', after: 'put right' }] : []),
      ...(now.old
        ? [
            {
              key: 'lists',
              before: `older than ${cacheHours} h, or than the sources`,
              after: 'up to date',
            },
          ]
        : []),
      ...now.packages,
    ]
    return change(
      diff,
      sh`${defineAgain(want)}
${defineFresh(cacheHours)}
fresh || {
${updateLists}
}
${defineOnlyPlanned}
only_planned ${listRemoved(now.packages).join(' ')} ${chooseCommand(want)}
again apt-get ${QUIET} ${chooseCommand(want)} || exit 1`,
      { seconds },
    )
  },
  probeSeconds: 60,
})

const listRemoved = (diff: Diff): readonly string[] =>
  diff.filter(({ after }) => after === null).map(({ key }) => key)

const chooseCommand = ({ removals = false }: Upgrade): readonly string[] =>
  removals ? ['dist-upgrade'] : ['upgrade', '--with-new-pkgs']

/** Reads a line of apt's simulation: `Inst name [old] (new source)` or `Remv name [old]`. */
const readSimulated = (line: string): Diff => {
  const [, verb, key = '', before, after] =
    /^(Inst|Remv) (\S+)(?: \[([^\]]*)\])?(?: \((\S+))?/.exec(line) ?? []
  return verb === undefined
    ? []
    : [{ key, before: before ?? null, after: verb === 'Remv' ? null : (after ?? 'installed') }]
}
