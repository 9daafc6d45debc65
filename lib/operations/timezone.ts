import { OptionError } from '../errors/option-error.ts'
import { change, differences, operation, Unknown, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
import { rename } from './file/put.ts'

export type Timezone = {
  /** A name of the tz database: `Europe/Moscow`, `Etc/UTC`. */
  readonly zone: string
}

const FOLDER = '/usr/share/zoneinfo'

/** The host uses this time zone. The clock is not changed, which timedatectl might do. */
export const timezone = operation('timezone', {
  check: (want: Timezone) => {
    if (!/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/.test(want.zone))
      throw new OptionError({
        message: `${JSON.stringify(want.zone)} is not a time zone's name`,
        next: 'use a name of the tz database, such as Europe/Moscow',
      })
  },
  name: (_: Timezone) => '/etc/localtime',
  probe: ({ zone }) => sh`[ -f ${`${FOLDER}/${zone}`} ] && echo known || echo unknown
if [ -h /etc/localtime ]; then readlink /etc/localtime || exit 1
elif [ -e /etc/localtime ]; then echo 'a file'; else echo absent; fi
if [ -e /etc/timezone ]; then cat /etc/timezone || exit 1; else echo absent; fi`,
  read: (out, { zone }) => {
    const [is, link, name] = out.stdout.toString().split('\n')
    if (out.exitCode !== 0 || !link || name === undefined) return unreadable(out)
    if (is !== 'known')
      return new Unknown(
        `the host does not know the time zone ${zone}: ` +
          `check its spelling in ${FOLDER}, and that tzdata is installed`,
      )
    return { localtime: link.replace(/^(\.\.)?\/usr\/share\/zoneinfo\//, ''), timezone: name }
  },
  plan: (now, { zone }) =>
    change(
      differences(now, { localtime: zone, timezone: zone }),
      sh`rm -f /etc/.localtime.brd && ln -s ${`${FOLDER}/${zone}`} /etc/.localtime.brd &&
  ${rename(sh`/etc/.localtime.brd`, '/etc/localtime')} || exit 1
( umask 022; echo ${zone} >/etc/.timezone.brd ) && sync /etc/.timezone.brd &&
  ${rename(sh`/etc/.timezone.brd`, '/etc/timezone')}`,
    ),
})
