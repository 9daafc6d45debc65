import { OptionError } from '../../errors/option-error.ts'
import { type Sh, sh } from '../../sh.ts'

/** Its time is that of our last update: apt gives its own files the server's times. */
const STAMP = '/var/lib/brd/stamps/apt-lists'

/** Options for asking apt what it would do: it takes no lock and writes no cache. */
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
 * Defines `fresh`, which succeeds if the lists were updated within that many hours and after the
 * last change of the sources. Only reads.
 */
export const defineFresh = (hours: number): Sh => sh`fresh() {
  [ -e ${STAMP} ] && [ -n "$(find ${STAMP} -mmin -${hours * 60})" ] || return 1
  changed=$(find /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/preferences.d \
    /etc/apt/keyrings -newer ${STAMP} 2>/dev/null)
  [ -z "$changed" ]
}`

/** Updates the package lists. Needs `again`. */
export const updateLists: Sh = sh`again apt-get -q -o Acquire::Retries=3 \
  -o APT::Update::Error-Mode=any update || exit 1
mkdir -p ${STAMP.replace(/\/[^/]*$/, '')} && : >${STAMP} || exit 1`

/** Checks a number of hours. */
export const checkHours = (hours = 24): void => {
  if (!Number.isInteger(hours) || hours < 0)
    throw new OptionError({
      message: `cacheHours must be a whole number of hours, not ${hours}`,
      next: 'use 0 to update the lists in each run',
    })
}
