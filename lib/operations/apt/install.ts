import { type Sh, sh } from '../../sh.ts'
import { defineFresh, updateLists } from './lists.ts'

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
 * Installs packages without questions and without recommended packages. Keeps configuration files
 * that were changed by hand and removes no other package. Updates the package lists first if they
 * are old or do not contain a name.
 */
export const installPackages = (
  names: readonly string[],
  cacheHours: number,
  locked: Locked = {},
): Sh => sh`${defineAgain(locked)}
${defineFresh(cacheHours)}
known() {
  count=$(apt-cache policy ${names.map(name => name.replace(/=.*$/, ''))} |
    grep -c '^  Candidate: [^(]')
  [ "$count" -ge ${names.length} ]
}
fresh && known || {
${updateLists}
}
again apt-get ${QUIET} --no-install-recommends --no-remove --allow-downgrades \
  --allow-change-held-packages install ${names} || exit 1`

/** Removes packages; with `purge` their configuration files too. */
export const removePackages = (
  names: readonly string[],
  purge = false,
  locked: Locked = {},
): Sh => sh`${defineAgain(locked)}
again apt-get ${QUIET} --allow-change-held-packages \
  ${purge ? 'purge' : 'remove'} ${names} || exit 1`
