import { type Sh, sh } from '../../sh.ts'
import { defineFresh, LOOK, updateLists } from './lists.ts'

export type Locked = {
  /**
   * How long to wait for another package manager's lock, in seconds. The error names the process
   * that holds it. Default 120.
   */
  readonly lockSeconds?: number
}

/**
 * Completes an interrupted dpkg, and defines `again COMMAND…`, which runs a command. While another
 * package manager holds a lock it waits; after the deadline it names that process. On another
 * failure it prints the command's last lines.
 */
export const defineAgain = ({
  lockSeconds = 120,
}: Locked = {}): Sh => sh`export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
export APT_LISTCHANGES_FRONTEND=none
said=$(mktemp) || exit 1
trap 'rm -f "$said"' 0; trap 'exit 143' HUP INT TERM
again() {
  end=$(($(date +%s) + ${lockSeconds}))
  while ! "$@" >"$said" 2>&1; do
    grep -q -e 'Could not get lock' -e 'Unable to lock' -e 'Unable to acquire the dpkg' \
      -e 'locked by another process' "$said" || { tail -n 20 "$said" >&2; return 1; }
    [ "$(date +%s)" -lt "$end" ] || { holder >&2; return 1; }
    sleep 2
  done
}
holder() {
  p=$(sed -n -e 's/.*held by process \([0-9]*\).*/\1/p' \
    -e 's/.*another process with pid \([0-9]*\).*/\1/p' "$said" | tail -n 1)
  command=$(tr '\0' ' ' <"/proc/\${p:-0}/cmdline" 2>/dev/null)
  echo "another package manager has held its lock for ${lockSeconds} s:" \
    "process \${p:-unknown} $command"
  tail -n 5 "$said"
}
again dpkg --configure -a --force-confdef --force-confold || exit 1`

/** Options of apt-get: ask nothing, and keep configuration files that were changed by hand. */
export const QUIET = [
  '-q',
  '-y',
  '-o',
  'Acquire::Retries=3',
  '-o',
  'Dpkg::Options::=--force-confdef',
  '-o',
  'Dpkg::Options::=--force-confold',
]

/**
 * Defines `only_planned NAMES ARGUMENTS…`, which ends with an error if apt-get with these arguments
 * would remove another package than NAMES, a list in one word: the lists or the host may have
 * changed since the plan was made.
 */
export const defineOnlyPlanned: Sh = sh`only_planned() {
  planned=" $1 "; shift
  gone=$(apt-get ${LOOK} -y --simulate "$@" 2>&1) || {
    printf '%s\n' "$gone" | tail -n 20 >&2
    exit 1
  }
  for one in $(printf '%s\n' "$gone" |
    sed -n -e 's/^Remv \([^ ]*\).*/\1/p' -e 's/^Purg \([^ ]*\).*/\1/p'); do
    case $planned in *" $one "*) ;; *)
      echo "this would also remove $one, which was not planned: run it again to see it" >&2
      exit 1 ;;
    esac
  done
}`

export type Install = Locked & {
  readonly cacheHours?: number
  readonly removals?: boolean
  readonly hold?: boolean
  /** Other packages that the plan removes. */
  readonly planned?: readonly string[]
}

/**
 * Installs packages without questions and without recommended packages. Keeps configuration files
 * that were changed by hand, and removes no other package than those that are planned. Updates the
 * package lists first if they are old or do not contain a name.
 */
export const installPackages = (
  names: readonly string[],
  { cacheHours = 24, removals = false, hold, planned = [], ...locked }: Install = {},
): Sh => {
  const words = [
    ...['--no-install-recommends', ...(removals ? [] : ['--no-remove']), '--allow-downgrades'],
    ...(hold === undefined ? [] : ['--allow-change-held-packages']),
    ...['install', ...names],
  ]
  return sh`${defineAgain(locked)}
${defineFresh(cacheHours)}
known() {
  count=$(apt-cache policy ${names.map(name => name.replace(/[=/].*$/, ''))} |
    grep -c '^  Candidate: [^(]')
  [ "$count" -ge ${names.length} ]
}
fresh && known || {
${updateLists}
}
${
  removals
    ? sh`${defineOnlyPlanned}
only_planned ${planned.join(' ')} ${words}`
    : sh``
}
again apt-get ${QUIET} ${words} || exit 1`
}

/** Removes packages, all of which are planned; with `purged` their configuration too. */
export const removePackages = (
  names: readonly string[],
  planned: readonly string[],
  { state, hold, ...locked }: Locked & { readonly state?: string; readonly hold?: boolean },
): Sh => {
  const words = [
    ...(hold === undefined ? [] : ['--allow-change-held-packages']),
    state === 'purged' ? 'purge' : 'remove',
    ...names,
  ]
  return sh`${defineAgain(locked)}
${defineOnlyPlanned}
only_planned ${planned.join(' ')} ${words}
again apt-get ${QUIET} ${words} || exit 1`
}
