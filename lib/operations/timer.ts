import type { Meta, Operation } from '../operation.ts'
import { accountName } from './parts/account.ts'
import { taking } from './parts/taking.ts'
import { service } from './service.ts'
import { systemd } from './systemd.ts'

export type Timer = {
  /** Names NAME.service and NAME.timer. */
  readonly name: string
} & (Runs | { readonly state: 'absent' })

type Runs = {
  /** `absent`: both are stopped and gone. Default present. */
  readonly state?: 'present'
  /**
   * When, as systemd.time(7) has it: `daily`, `Mon..Fri 03:15`, `*:0/10`. Several are possible. In
   * the host's time zone.
   */
  readonly onCalendar: string | readonly string[]
  /** What is run, for sh. */
  readonly command: string
  /** Who runs it. Default root. */
  readonly user?: string
  /** What it is for, one line. Default: its name. */
  readonly description?: string
  /** Variables of it. Everybody on the host can read them. Default: none. */
  readonly environment?: Readonly<Record<string, string>>
  /** A start that was missed while the host was off is made up for. Default true. */
  readonly persistent?: boolean
  /**
   * Seconds within which each start is put off at random, so that many hosts do not do it at once.
   * Default 0.
   */
  readonly randomizedDelaySec?: number
  /** How long a run may take, in seconds. Default: as long as it does. */
  readonly seconds?: number
}

/**
 * systemd runs a command at these times (or no longer does); what it prints is in the journal, and
 * a run that fails is a failed unit. A schedule that systemd cannot read fails at the start.
 */
export const timer = taking('timer', (want: Timer, meta: Meta = {}): readonly Operation[] => {
  if (want.state === 'absent')
    return [`${want.name}.timer`, `${want.name}.service`].map(name =>
      systemd.absent({ name }, meta),
    )
  if (!/^[\w@:-]+$/.test(want.name))
    throw new Error(
      `timer: ${JSON.stringify(want.name)} cannot be a unit's name: letters, digits, @, :, _ and -`,
    )
  for (const line of [
    want.command,
    want.description ?? '-',
    ...times(want),
    ...Object.values(want.environment ?? {}),
  ])
    if (/[\0\n]/.test(line) || line.trim() === '')
      throw new Error(
        `timer ${want.name}: one line of text is expected, not ${JSON.stringify(line)}`,
      )
  const work = systemd.unit({ name: `${want.name}.service`, content: serviceUnit(want) }, meta)
  const when = systemd.unit({ name: `${want.name}.timer`, content: timerUnit(want) }, meta)
  return [
    work,
    when,
    service(
      { name: `${want.name}.timer`, state: 'running', enabled: true, restartOn: [when] },
      meta,
    ),
  ]
})

type Present = Extract<Timer, Runs>

const times = ({ onCalendar }: Present): readonly string[] => [onCalendar].flat()

const serviceUnit = ({
  name,
  command,
  user,
  description = name,
  environment = {},
  seconds,
}: Present): string =>
  unit({
    Unit: [`Description=${description.replaceAll('%', '%%')}`],
    Service: [
      'Type=oneshot',
      ...(user === undefined ? [] : [`User=${accountName(user)}`]),
      ...Object.entries(environment).map(
        ([key, value]) => `Environment=${quoted(`${key}=${value}`)}`,
      ),
      ...(seconds === undefined ? [] : [`TimeoutStartSec=${seconds}`]),
      `ExecStart=/bin/sh -c ${quoted(command).replaceAll('$', '$$$$')}`,
    ],
  })

const timerUnit = (want: Present): string =>
  unit({
    Unit: [`Description=${(want.description ?? want.name).replaceAll('%', '%%')}`],
    Timer: [
      ...times(want).map(time => `OnCalendar=${time}`),
      `Persistent=${want.persistent ?? true}`,
      ...(want.randomizedDelaySec ? [`RandomizedDelaySec=${want.randomizedDelaySec}`] : []),
    ],
    Install: ['WantedBy=timers.target'],
  })

const unit = (sections: Readonly<Record<string, readonly string[]>>): string =>
  Object.entries(sections)
    .map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`)
    .join('\n')

/** One word as systemd reads it: `%` would begin a specifier. */
const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`
