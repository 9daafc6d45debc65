import { type Sh, sh } from '../../sh.ts'

/** When the package lists were last brought up to date by us: apt itself gives its files the server's times. */
const STAMP = '/var/lib/brd/stamps/apt-lists'

/** `again COMMAND…` runs it; while another package manager holds a lock it waits, two minutes at most. On failure it tells the last lines. */
export const again: Sh = sh`export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
said=$(mktemp) || exit 1
trap 'rm -f "$said"' 0; trap 'exit 143' HUP INT TERM
again() {
  i=0
  until "$@" >"$said" 2>&1; do
    i=$((i + 1))
    grep -q -e 'Could not get lock' -e 'Unable to lock' -e 'Unable to acquire the dpkg' -e 'locked by another process' "$said" && [ $i -lt 24 ] || { tail -n 20 "$said" >&2; return 1; }
    sleep 5
  done
}
again dpkg --configure -a --force-confdef --force-confold || exit 1`

/**
 * Installs packages and asks nothing: no recommended ones, configuration files that were changed by hand stay, nothing is removed
 * for them. Waits for another package manager, puts right an interrupted one, brings the lists up to date where that is needed.
 */
export const install = (names: readonly string[], cacheHours: number): Sh => sh`${again}
fresh() {
  [ -e ${STAMP} ] && [ -n "$(find ${STAMP} -mmin -${cacheHours * 60})" ] || return 1
  [ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/preferences.d /etc/apt/keyrings -newer ${STAMP} 2>/dev/null)" ] || return 1
  [ "$(apt-cache policy ${names.map(name => name.replace(/=.*$/, ''))} | grep -c '^  Candidate: [^(]')" -ge ${names.length} ]
}
fresh || {
  again apt-get -q -o Acquire::Retries=3 -o APT::Update::Error-Mode=any update || exit 1
  mkdir -p ${STAMP.replace(/\/[^/]*$/, '')} && : >${STAMP} || exit 1
}
again apt-get -q -y -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold --no-install-recommends --no-remove --allow-downgrades --allow-change-held-packages install ${names} || exit 1`

/** Removes packages; their configuration files stay. */
export const remove = (names: readonly string[]): Sh => sh`${again}
again apt-get -q -y -o DPkg::Lock::Timeout=120 --allow-change-held-packages remove ${names} || exit 1`
