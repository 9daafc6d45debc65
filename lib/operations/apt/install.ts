import { type Sh, sh } from '../../sh.ts'
import { fresh, update } from './lists.ts'

export type Locked = {
  /** How long another package manager is waited for, in seconds. Then it is named. Default 120. */
  readonly lockSeconds?: number
}

/**
 * Defines `again COMMAND…`, which runs it; while another package manager holds a lock it waits, and
 * tells who that is where it takes too long. On
 * another failure it tells the last lines. An interrupted dpkg is put right first.
 */
export const again = ({
  lockSeconds = 120,
}: Locked = {}): Sh => sh`export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
said=$(mktemp) || exit 1
trap 'rm -f "$said"' 0; trap 'exit 143' HUP INT TERM
again() {
  end=$(($(date +%s) + ${lockSeconds}))
  while ! "$@" >"$said" 2>&1; do
    grep -q -e 'Could not get lock' -e 'Unable to lock' -e 'Unable to acquire the dpkg' -e 'locked by another process' "$said" || { tail -n 20 "$said" >&2; return 1; }
    [ "$(date +%s)" -lt "$end" ] || { holder >&2; return 1; }
    sleep 2
  done
}
holder() {
  p=$(sed -n -e 's/.*held by process \([0-9]*\).*/\1/p' -e 's/.*another process with pid \([0-9]*\).*/\1/p' "$said" | tail -n 1)
  echo "another package manager has held its lock for ${lockSeconds} s: process \${p:-unknown} $(tr '\0' ' ' <"/proc/\${p:-0}/cmdline" 2>/dev/null)"
  tail -n 5 "$said"
}
again dpkg --configure -a --force-confdef --force-confold || exit 1`

/** Nothing is asked, and configuration files that were changed by hand stay. */
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
 * Installs packages and asks nothing: no recommended ones, configuration files that were changed by
 * hand stay, nothing is removed
 * for them. Waits for another package manager, puts right an interrupted one, brings the lists up
 * to date where that is needed.
 */
export const install = (
  names: readonly string[],
  cacheHours: number,
  locked: Locked = {},
): Sh => sh`${again(locked)}
${fresh(cacheHours)}
known() { [ "$(apt-cache policy ${names.map(name => name.replace(/=.*$/, ''))} | grep -c '^  Candidate: [^(]')" -ge ${names.length} ]; }
fresh && known || {
${update}
}
again apt-get ${QUIET} --no-install-recommends --no-remove --allow-downgrades --allow-change-held-packages install ${names} || exit 1`

/** Removes packages; their configuration files stay, or go with them. */
export const remove = (
  names: readonly string[],
  purge = false,
  locked: Locked = {},
): Sh => sh`${again(locked)}
again apt-get ${QUIET} --allow-change-held-packages ${purge ? 'purge' : 'remove'} ${names} || exit 1`
