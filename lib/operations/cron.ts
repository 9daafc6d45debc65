import { OptionError } from '../errors/option-error.ts'
import { operation } from '../operation.ts'
import { join } from '../sh.ts'
import { checkSchedule } from './cron/schedule.ts'
import { checkPath, type Path } from './file/entry.ts'
import { lackUser } from './file/lacks.ts'
import { file } from './file.ts'
import { checkAccountName } from './user/account.ts'

export type Cron = {
  /** Names its file. cron passes over names with a dot. */
  readonly name: string
  /** Where the file is, for a cron that reads another folder. Default /etc/cron.d. */
  readonly folder?: Path
} & (
  | {
      /** `absent`: it is not there. Default present. */
      readonly state?: 'present'
      /**
       * Minute, hour, day of the month, month, day of the week, as crontab(5) has them: `15 3 * *
       * mon-fri`; or `@daily`, `@reboot`. In the host's time zone.
       */
      readonly schedule: string
      /** One line for sh. A percent sign is written as cron wants it. */
      readonly command: string
      /** Who runs it. Default root. */
      readonly user?: string
      /** Such as MAILTO. Default: none; PATH is cron's own, /usr/bin:/bin. */
      readonly environment?: Readonly<Record<string, string>>
    }
  | {
      readonly state: 'absent'
      readonly schedule?: never
      readonly command?: never
      readonly user?: never
      readonly environment?: never
    }
)

/**
 * cron runs a command at these times, or no longer does. A schedule that cron would ignore silently
 * is an error.
 */
export const cron = operation('cron', {
  from: (want: Cron, meta) => {
    if (!/^[\w-]+$/.test(want.name))
      throw new OptionError({
        message: `name: cron ignores a file named ${JSON.stringify(want.name)}`,
        next: 'use letters, digits, _ and -',
      })
    const path = checkPath(`${want.folder ?? '/etc/cron.d'}/${want.name}`) as Path
    if (want.state === 'absent') return file({ path, state: 'absent' }, meta)
    const { command, user = 'root', environment = {} } = want
    if (/[\0\r\n]/.test(command) || command.trim() === '')
      throw new OptionError({ message: 'command: one line is expected' })
    if (command.includes('\\%'))
      throw new OptionError({
        message: 'command: cron cannot have a backslash before a percent sign',
        next: 'leave it out: the percent sign is written as cron wants it',
      })
    const variables = Object.entries(environment).map(
      ([key, value]) => `${checkVariable(key)}=${quoteValue(value)}`,
    )
    const escaped = command.replaceAll('%', '\\%')
    const job = `${checkSchedule(want.schedule)} ${checkAccountName(user)} ${escaped}`
    const long = [escaped, ...variables].find(line => Buffer.byteLength(line) > LONGEST)
    if (long !== undefined)
      throw new OptionError({
        message: `${long.slice(0, 30)}…: cron cuts what is longer than ${LONGEST} bytes`,
        next: 'put the command into a script',
      })
    const made = file({ path, content: [...variables, job, ''].join('\n') }, meta)
    return { ...made, probe: join([lackUser(user), made.probe]) }
  },
})

/** Debian's cron reads a command and a variable into 1,000 bytes, and says nothing of the rest. */
const LONGEST = 998

const checkVariable = (key: string): string => {
  if (!/^[A-Za-z_]\w*$/.test(key))
    throw new OptionError({
      message: `environment: ${JSON.stringify(key)} is not a variable's name`,
    })
  return key
}

/** cron has no escapes in quotes: what holds one kind is put in the other. */
const quoteValue = (value: string): string => {
  if (/[\0\r\n]/.test(value) || (value.includes('"') && value.includes("'")))
    throw new OptionError({
      message: `environment: cron cannot have the value ${JSON.stringify(value)}`,
      next: 'give one line, without both kinds of quotes',
    })
  return value.includes('"') ? `'${value}'` : `"${value}"`
}
