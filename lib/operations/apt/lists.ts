import { type Sh, sh } from '../../sh.ts'

/**
 * When the package lists were last brought up to date by us: apt itself gives its files the
 * server's times.
 */
const STAMP = '/var/lib/brd/stamps/apt-lists'

/** Options of a look at what apt would do: no lock is taken and no cache written. */
export const LOOK = [
  '-q',
  '-o',
  'Debug::NoLocking=1',
  '-o',
  'Dir::Cache::pkgcache=',
  '-o',
  'Dir::Cache::srcpkgcache=',
]

/**
 * Defines `fresh`: the lists were brought up to date within so many hours, and after the sources
 * were last changed. Only reads.
 */
export const fresh = (hours: number): Sh => sh`fresh() {
  [ -e ${STAMP} ] && [ -n "$(find ${STAMP} -mmin -${hours * 60})" ] || return 1
  [ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/preferences.d /etc/apt/keyrings -newer ${STAMP} 2>/dev/null)" ]
}`

/** Brings the lists up to date. Needs `again`. */
export const update: Sh = sh`again apt-get -q -o Acquire::Retries=3 -o APT::Update::Error-Mode=any update || exit 1
mkdir -p ${STAMP.replace(/\/[^/]*$/, '')} && : >${STAMP} || exit 1`

/** An error at once where a number of hours is none. */
export const checkHours = (kind: string, hours = 24): void => {
  if (!Number.isInteger(hours) || hours < 0)
    throw new Error(`${kind}: cacheHours is a whole number of hours, not ${hours}`)
}
