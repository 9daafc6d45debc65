import { OptionError } from '../errors/option-error.ts'
import { type Operation, operation } from '../operation.ts'
import { join } from '../sh.ts'
import { lackUser } from './file/lacks.ts'
import { service } from './service.ts'
import { systemd } from './systemd.ts'
import { checkAccountName } from './user/account.ts'

export type Timer = {
  /** Names NAME.service and NAME.timer. */
  readonly name: string
} & (Runs | { readonly state: 'absent' })

type Runs = {
  /** `absent`: both are stopped and removed. Default present. */
  readonly state?: 'present'
  /**
   * When to run, as in systemd.time(7): `daily`, `Mon..Fri 03:15`, `*:0/10`; one or several, in
   * the host's time zone.
   */
  readonly onCalendar: string | readonly string[]
  /** The command, for sh. */
  readonly command: string
  /** The user who runs it. Default root. */
  readonly user?: string
  /** Its description, one line. Default: its name. */
  readonly description?: string
  /** Its environment variables, which every user of the host can read. Default: none. */
  readonly environment?: Readonly<Record<string, string>>
  /** True: run after a boot if a start was missed while the host was off. Default true. */
  readonly persistent?: boolean
  /**
   * Delays each start by a random time of up to this many seconds, so that many hosts do not start
   * simultaneously. Default 0.
   */
  readonly randomDelaySeconds?: number
  /** How long a run may take, in seconds. Default: no limit. */
  readonly timeoutSeconds?: number
}

/**
 * systemd runs a command at these times. Its output goes to the journal, and a run that fails
 * leaves a failed unit. A schedule that systemd cannot read fails when the timer starts.
 */
export const timer = operation('timer', {
  from: (want: Timer, meta): readonly Operation[] => {
    if (want.state === 'absent')
      return [`${want.name}.timer`, `${want.name}.service`].map(name =>
        systemd.unit({ name, state: 'absent' }, meta),
      )
    if (!/^[\w@:-]+$/.test(want.name))
      throw new OptionError({
        message: `${JSON.stringify(want.name)} cannot be a unit's name`,
        next: 'use letters, digits, @, :, _ and -',
      })
    for (const line of [
      want.command,
      want.description ?? '-',
      ...listTimes(want),
      ...Object.values(want.environment ?? {}),
    ])
      if (/[\0\n]/.test(line) || line.trim() === '')
        throw new OptionError({
          message: `${JSON.stringify(line)} must be one line of text`,
          next: 'put several commands into a script',
        })
    const unit = systemd.unit({ name: `${want.name}.service`, content: formatService(want) }, meta)
    const work = { ...unit, probe: join([lackUser(want.user ?? 'root'), unit.probe]) }
    const when = systemd.unit({ name: `${want.name}.timer`, content: formatTimer(want) }, meta)
    return [
      work,
      when,
      service(
        { name: `${want.name}.timer`, state: 'running', enabled: true, restartOn: [when] },
        meta,
      ),
    ]
  },
})

type Present = Extract<Timer, Runs>

const listTimes = ({ onCalendar }: Present): readonly string[] => [onCalendar].flat()

const formatService = ({
  name,
  command,
  user,
  description = name,
  environment = {},
  timeoutSeconds: seconds,
}: Present): string =>
  formatUnit({
    Unit: [`Description=${description.replaceAll('%', '%%')}`],
    Service: [
      'Type=oneshot',
      ...(user === undefined ? [] : [`User=${checkAccountName(user)}`]),
      ...Object.entries(environment).map(
        ([key, value]) => `Environment=${quoteWord(`${key}=${value}`)}`,
      ),
      ...(seconds === undefined ? [] : [`TimeoutStartSec=${seconds}`]),
      `ExecStart=/bin/sh -c ${quoteWord(command).replaceAll('$', '$$$$')}`,
    ],
  })

const formatTimer = (want: Present): string =>
  formatUnit({
    Unit: [`Description=${(want.description ?? want.name).replaceAll('%', '%%')}`],
    Timer: [
      ...listTimes(want).map(time => `OnCalendar=${time}`),
      `Persistent=${want.persistent ?? true}`,
      ...(want.randomDelaySeconds ? [`RandomizedDelaySec=${want.randomDelaySeconds}`] : []),
    ],
    Install: ['WantedBy=timers.target'],
  })

const formatUnit = (sections: Readonly<Record<string, readonly string[]>>): string =>
  Object.entries(sections)
    .map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`)
    .join('\n')

/** Quotes a word for systemd; `%` would begin a specifier. */
const quoteWord = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`
